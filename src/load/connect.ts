import type { Backends, ServiceName } from '../backends/ports.ts';
import { openBroker } from '../backends/real/rabbitmq.ts';
import { openPostgres } from '../backends/real/postgres.ts';
import { openRedis } from '../backends/real/redis.ts';
import { SimulatedBrokerServer } from '../backends/simulated/rabbitmq.ts';
import { SimulatedPostgresServer } from '../backends/simulated/postgres.ts';
import { SimulatedRedisServer } from '../backends/simulated/redis.ts';
import type { Namespace } from '../engine/namespace.ts';
import { wallClock, type Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';

/** URLs of real servers; a service without one is simulated inside the worker. */
export type ServiceUrls = { readonly [Service in ServiceName]?: string | undefined };

/** Connects to the services of a run: over the network where there is a URL, in memory where there is none. */
export type Connect = () => Promise<Backends>;

/** The time of the simulated services. */
export interface Simulation {
  readonly clock: Clock;
  /** How long a message is under way, in ms; without it, to the next turn of the loop. */
  readonly latency?: () => number;
}

/** Every call connects anew; the simulated servers are shared by all that this gives. */
export const connector = (
  services: ServiceUrls,
  namespace: Namespace,
  random: Random,
  simulation: Simulation = { clock: wallClock },
): Connect => {
  const { schema } = namespace;
  const redisServer = new SimulatedRedisServer({ ...simulation, random });
  const brokerServer = new SimulatedBrokerServer({ ...simulation, random });
  const postgresServer = new SimulatedPostgresServer({ ...simulation, random });
  const { redis, rabbitmq, postgres } = services;
  return async () => {
    const opened = await Promise.allSettled([
      redis === undefined ? redisServer.connect() : openRedis({ url: redis }),
      rabbitmq === undefined ? brokerServer.connect() : openBroker({ url: rabbitmq }),
      postgres === undefined ? postgresServer.connect({ schema }) : openPostgres({ url: postgres, schema }),
    ]);
    const failed = opened.find((outcome) => outcome.status === 'rejected');
    if (failed) {
      await Promise.allSettled(opened.flatMap((o) => (o.status === 'fulfilled' ? [o.value.close()] : [])));
      throw failed.reason;
    }
    const [r, b, p] = opened as [
      PromiseFulfilledResult<Backends['redis']>,
      PromiseFulfilledResult<Backends['broker']>,
      PromiseFulfilledResult<Backends['postgres']>,
    ];
    return { redis: r.value, broker: b.value, postgres: p.value };
  };
};

export const closeBackends = async ({ redis, broker, postgres }: Backends): Promise<void> => {
  await Promise.allSettled([redis.close(), broker.close(), postgres.close()]);
};

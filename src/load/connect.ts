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
export type ServiceUrls = { readonly [Service in ServiceName]?: string | undefined } & {
  /** One for each Redis master of the lock's own; `undefined`: simulated. */
  readonly lockMasters?: readonly (string | undefined)[] | undefined;
};

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
  const { redis, rabbitmq, postgres, lockMasters = [] } = services;
  const masters = lockMasters.map((url) => {
    if (url !== undefined) return () => openRedis({ url });
    const server = new SimulatedRedisServer({ ...simulation, random });
    return async () => server.connect();
  });
  return async () => {
    const opening = {
      redis: redis === undefined ? redisServer.connect() : openRedis({ url: redis }),
      broker: rabbitmq === undefined ? brokerServer.connect() : openBroker({ url: rabbitmq }),
      postgres:
        postgres === undefined ? postgresServer.connect({ schema }) : openPostgres({ url: postgres, schema }),
      lockMasters: masters.map((open) => open()),
    };
    const opened = await Promise.allSettled([
      opening.redis,
      opening.broker,
      opening.postgres,
      ...opening.lockMasters,
    ]);
    const failed = opened.find((outcome) => outcome.status === 'rejected');
    if (failed) {
      await Promise.allSettled(opened.flatMap((o) => (o.status === 'fulfilled' ? [o.value.close()] : [])));
      throw failed.reason;
    }
    return {
      redis: await opening.redis,
      broker: await opening.broker,
      postgres: await opening.postgres,
      lockMasters: await Promise.all(opening.lockMasters),
    };
  };
};

export const closeBackends = async ({ redis, broker, postgres, lockMasters }: Backends): Promise<void> => {
  await Promise.allSettled([redis, broker, postgres, ...lockMasters].map((backend) => backend.close()));
};

import { provision } from '../../src/services/provision.ts';
import type { ServiceName } from '../../src/backends/ports.ts';
import type { Endpoint, Endpoints } from '../../src/services/types.ts';

/** URLs of real servers. They carry passwords. */
export type Urls = Readonly<Record<ServiceName, string>> & {
  /** Redis servers for a lock that votes, as many as were asked for. */
  readonly lockMasters: readonly string[];
};

const START_LIMIT_MS = 60_000;

const urlOf = ({ service, url }: Endpoint): string => {
  if (url === undefined) throw new Error(`a benchmark needs a real ${service}`);
  return url;
};

const versions = (endpoints: Endpoints): string =>
  Object.values(endpoints)
    .map(({ service, origin, version }: Endpoint) => `${service} ${version} (${origin})`)
    .join(', ');

/** Lends servers to `work`: those that REDIS_URL, AMQP_URL and DATABASE_URL name, or else private ones. */
export const withServices = async (work: (urls: Urls) => Promise<void>, lockMasters = 0): Promise<void> => {
  const { REDIS_URL: redis, AMQP_URL: rabbitmq, DATABASE_URL: postgres } = process.env;
  const given = redis && rabbitmq && postgres ? { redis, rabbitmq, postgres } : undefined;
  const {
    endpoints,
    lockMasters: masters,
    stop,
  } = await provision(
    { mode: given ? 'auto' : 'local', given: given ?? {}, allowRemote: false, lockMasters },
    { signal: AbortSignal.timeout(START_LIMIT_MS), onProgress: () => {} },
  );
  try {
    console.log(versions(endpoints));
    await work({
      redis: urlOf(endpoints.redis),
      rabbitmq: urlOf(endpoints.rabbitmq),
      postgres: urlOf(endpoints.postgres),
      lockMasters: masters.map(urlOf),
    });
  } finally {
    await stop();
  }
};

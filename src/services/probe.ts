import amqp from 'amqplib';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { ServiceName } from '../backends/ports.ts';
import { parsePostgresUrl } from '../backends/real/postgres-endpoint.ts';
import { parseRedisUrl } from '../backends/real/redis-endpoint.ts';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import { TradeSimError } from '../kernel/errors.ts';
import { probeFailure, ProbeTimeout } from './probe-failure.ts';
import { parseServiceUrl } from './service-url.ts';

/** Connects, asks for the version, disconnects. `onSocket` hands out what ends a hanging attempt. */
type VersionQuery = (
  url: string,
  deadlineMs: number,
  onSocket: (close: () => void) => void,
) => Promise<string>;

const redisVersion: VersionQuery = async (url, deadlineMs, onSocket) => {
  const redis = new Redis({
    ...parseRedisUrl(url).options,
    replyMapping: 'legacy',
    lazyConnect: true,
    connectTimeout: deadlineMs,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  onSocket(() => redis.disconnect());
  // What went wrong is told by the event; the promise of `connect` only says that the connection is closed.
  const failed = new Promise<never>((_, reject) => redis.on('error', reject));
  const ask = async () => {
    await redis.connect().catch(() => failed);
    const info = String(await redis.call('INFO', 'server'));
    return /^redis_version:(\S+)/m.exec(info)?.[1] ?? '';
  };
  return Promise.race([ask(), failed]);
};

const rabbitmqVersion: VersionQuery = async (url, deadlineMs, onSocket) => {
  const model = await amqp.connect(url, { timeout: deadlineMs });
  model.on('error', () => {});
  onSocket(() => void model.close().catch(() => {}));
  const { version } = model.connection.serverProperties;
  return typeof version === 'string' ? version : '';
};

const postgresVersion: VersionQuery = async (url, deadlineMs, onSocket) => {
  const connectionString = parsePostgresUrl(url).url;
  const client = new Client({ connectionString, connectionTimeoutMillis: deadlineMs });
  client.on('error', () => {});
  onSocket(() => void client.end().catch(() => {}));
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  return rows[0]?.server_version.split(' ')[0] ?? '';
};

const VERSION_QUERIES: Readonly<Record<ServiceName, VersionQuery>> = {
  redis: redisVersion,
  rabbitmq: rabbitmqVersion,
  postgres: postgresVersion,
};

/**
 * The version of the server at `url`. Rejects with a service error that says what is wrong, without the password, or
 * with a usage error when the URL itself cannot be used.
 */
export const probe = async (service: ServiceName, url: string, deadlineMs = 5_000): Promise<string> => {
  const { where } = parseServiceUrl(service, url);
  let over = false;
  let close = () => {};
  const query = VERSION_QUERIES[service](url, deadlineMs, (closeSocket) => {
    close = closeSocket;
    if (over) close();
  });
  try {
    return await withDeadline(wallClock, query, deadlineMs, () => new ProbeTimeout());
  } catch (error) {
    throw error instanceof TradeSimError ? error : probeFailure({ service, url, where, deadlineMs }, error);
  } finally {
    over = true;
    close();
  }
};

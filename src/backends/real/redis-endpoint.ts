import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';
import { usageError } from '../../kernel/errors.ts';

/** A Redis server as it is connected to, and as it is named in messages: without its password. */
export interface RedisEndpoint {
  readonly label: string;
  readonly options: RedisOptions;
}

const DEFAULT_PORT = 6379;

/** Reads `redis://user:password@host:port/database`; `rediss:` is the same over TLS. */
export const parseRedisUrl = (text: string): RedisEndpoint => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = /^\/?(\d*)$/.exec(url?.pathname ?? '?')?.[1];
  if (
    url === undefined ||
    database === undefined ||
    url.hostname === '' ||
    !['redis:', 'rediss:'].includes(url.protocol)
  ) {
    // Not the URL itself: it may hold a password.
    throw usageError(
      'the Redis URL cannot be read',
      'Write redis://user:password@host:6379/0, or rediss:// for TLS.',
    );
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || DEFAULT_PORT);
  const options: RedisOptions = {
    host,
    port,
    db: Number(database),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: isIP(host) === 0 ? { servername: host } : {} }),
  };
  return { label: `${url.protocol}//${url.hostname}:${port}`, options };
};

import { messageOf } from '../../kernel/errors.ts';
import { BackendError } from '../ports.ts';

/** A RabbitMQ server as it is connected to, and as it is named in messages: without its password. */
export interface Endpoint {
  readonly url: string;
  readonly label: string;
}

const HEARTBEAT_PARAMETER = 'heartbeat';

/** Reads an `amqp:` or `amqps:` URL. A heartbeat in the URL goes before `heartbeatS`. */
export const parseEndpoint = (text: string, heartbeatS: number): Endpoint => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['amqp:', 'amqps:'].includes(url.protocol) || url.hostname === '') {
    throw new BackendError('rabbitmq', 'none', 'not a URL of the form amqp://user:password@host:5672/vhost');
  }
  if (!url.searchParams.has(HEARTBEAT_PARAMETER)) {
    url.searchParams.set(HEARTBEAT_PARAMETER, String(heartbeatS));
  }
  const user = url.username === '' ? '' : `${url.username}@`;
  const port = url.port || (url.protocol === 'amqps:' ? '5671' : '5672');
  const vhost = url.pathname === '/' ? '' : url.pathname;
  return { url: url.href, label: `${url.protocol}//${user}${url.hostname}:${port}${vhost}` };
};

const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/ECONNREFUSED/, 'connection refused'],
  [/ENOTFOUND|EAI_AGAIN/, 'no such host'],
  [/ACCESS.REFUSED/, 'wrong user name or password'],
  // amqplib does not pass on why the broker closes instead of opening; this is the only reason left by then.
  [/Expected ConnectionOpenOk/, 'no such virtual host, or no access to it'],
];

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = `${code} ${messageOf(error)}`;
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? messageOf(error);
};

export const connectError = (endpoint: Endpoint, error: unknown): BackendError =>
  error instanceof BackendError
    ? error
    : new BackendError('rabbitmq', 'none', `cannot connect to ${endpoint.label}: ${reasonOf(error)}`, error);

/**
 * What a failed request left: an answer of the broker with a code of the 4xx kind means that it was refused,
 * anything else that the answer was lost.
 */
export const requestError = (what: string, error: unknown): BackendError => {
  if (error instanceof BackendError) return error;
  const code = error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN;
  const effect = code >= 400 && code < 500 ? 'none' : 'unknown';
  return new BackendError('rabbitmq', effect, `cannot ${what}: ${messageOf(error)}`, error);
};

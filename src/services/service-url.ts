import { isIP } from 'node:net';
import type { ServiceName } from '../backends/ports.ts';
import { usageError } from '../kernel/errors.ts';
import { SERVICE_LABELS } from './types.ts';

const PROTOCOLS: Readonly<Record<ServiceName, readonly string[]>> = {
  redis: ['redis:', 'rediss:'],
  rabbitmq: ['amqp:', 'amqps:'],
  postgres: ['postgres:', 'postgresql:'],
};

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'redis:': '6379',
  'rediss:': '6379',
  'amqp:': '5672',
  'amqps:': '5671',
  'postgres:': '5432',
  'postgresql:': '5432',
};

/** Parameters by which a client library would connect elsewhere than the URL's host says. */
const REDIRECTING_PARAMETERS = ['host', 'hostaddr', 'path', 'sentinels'];

export interface ServiceUrl {
  readonly service: ServiceName;
  readonly url: string;
  /** Host and port, safe to print. */
  readonly where: string;
  readonly loopback: boolean;
}

/** Only `localhost`, 127.0.0.0/8 and ::1: any other name may resolve to somebody's production. */
export const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
};

/** Reads a service's URL without connecting. Throws a usage error that does not repeat the URL. */
export const parseServiceUrl = (service: ServiceName, url: string): ServiceUrl => {
  const label = SERVICE_LABELS[service];
  const example = `Write it as ${PROTOCOLS[service][0]}//user:password@host:port/.`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !PROTOCOLS[service].includes(parsed.protocol))
    throw usageError(`The ${label} URL is not a ${PROTOCOLS[service].join(' or ')} URL`, example);
  if (parsed.hostname === '') throw usageError(`The ${label} URL names no host`, example);
  const redirecting = REDIRECTING_PARAMETERS.find((name) => parsed.searchParams.has(name));
  if (redirecting !== undefined)
    throw usageError(`The ${label} URL may not have the parameter "${redirecting}"`, example);
  return {
    service,
    url,
    where: `${parsed.hostname}:${parsed.port || DEFAULT_PORTS[parsed.protocol]!}`,
    loopback: isLoopback(parsed.hostname),
  };
};

/** A load test must not hit somebody's production by a forgotten environment variable. */
export const requireLoopback = ({ service, where, loopback }: ServiceUrl): void => {
  if (!loopback)
    throw usageError(
      `${SERVICE_LABELS[service]} at ${where} is not on this machine`,
      'If it is yours to put under load, add --allow-remote.',
    );
};

/** `text` without the password of `url`, as written and as decoded. */
export const redact = (text: string, url: string): string => {
  const { password } = new URL(url);
  if (password === '') return text;
  return text.replaceAll(password, '***').replaceAll(decodePercent(password), '***');
};

const decodePercent = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

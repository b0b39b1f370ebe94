import { readdirSync, readFileSync } from 'node:fs';
import type { ServiceName } from '../../src/backends/ports.ts';
import { provision } from '../../src/services/provision.ts';
import { SERVICE_NAMES } from '../../src/services/types.ts';

const START_LIMIT_MS = 60_000;

export interface PrivateServers {
  readonly urls: Record<ServiceName, string>;
  readonly stop: () => Promise<void>;
}

/** Starts servers of this test's own. To a run that is given their URLs they are somebody else's. */
export const startServers = async (): Promise<PrivateServers> => {
  const { endpoints, stop } = await provision(
    { mode: 'local', given: {}, allowRemote: false },
    { signal: AbortSignal.timeout(START_LIMIT_MS), onProgress: () => {} },
  );
  const { redis, rabbitmq, postgres } = endpoints;
  return { urls: { redis: redis.url!, rabbitmq: rabbitmq.url!, postgres: postgres.url! }, stop };
};

const FLAGS: Readonly<Record<ServiceName, string>> = {
  redis: '--redis',
  rabbitmq: '--amqp',
  postgres: '--postgres',
};

/** The flags that give a run these servers and no others. */
export const servers = (urls: Readonly<Partial<Record<ServiceName, string>>>): string[] => [
  '--services',
  'given',
  ...SERVICE_NAMES.flatMap((service) => (urls[service] === undefined ? [] : [FLAGS[service], urls[service]])),
];

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** What only the server of this service and port has in its arguments or its environment. */
const MARKS: Readonly<Record<ServiceName, (port: string) => RegExp>> = {
  redis: (port) => new RegExp(`redis-server 127\\.0\\.0\\.1:${port}`),
  rabbitmq: (port) => new RegExp(`beam\\.smp[^]*RABBITMQ_NODE_PORT=${port}\\0`),
  postgres: (port) => new RegExp(`postgres\\0-D\\0[^]*\\0port=${port}\\0`),
};

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The server's process, and those it has started: PostgreSQL has one for each connection. */
export const processesOf = (service: ServiceName, url: string): readonly number[] => {
  const mark = MARKS[service](new URL(url).port);
  const server = pids().find((pid) =>
    mark.test(`${textOf(`/proc/${pid}/cmdline`)}\0${textOf(`/proc/${pid}/environ`)}`),
  );
  if (server === undefined) throw new Error(`no process of ${service} was found`);
  const children = pids().filter((pid) => {
    const stat = textOf(`/proc/${pid}/stat`);
    // Field 4 of proc(5), behind the name, which may hold spaces.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === server;
  });
  return [server, ...children];
};

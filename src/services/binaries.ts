import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { ServiceName } from '../backends/ports.ts';
import { SERVICE_NAMES } from './types.ts';

/** Searched after PATH: where packages put servers that a user's PATH often leaves out. */
const EXTRA_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/sbin',
  '/opt/homebrew/bin',
];

/** Parents of versioned PostgreSQL folders (Debian, Red Hat, Homebrew on both kinds of Mac). */
const POSTGRES_PARENTS = [
  { parent: '/usr/lib/postgresql', folder: /^\d+$/ },
  { parent: '/usr', folder: /^pgsql-\d+$/ },
  { parent: '/opt/homebrew/opt', folder: /^postgresql@\d+$/ },
  { parent: '/usr/local/opt', folder: /^postgresql@\d+$/ },
];

export interface Binaries {
  readonly redis: { readonly server: string };
  readonly rabbitmq: { readonly server: string; readonly epmd: string };
  readonly postgres: { readonly server: string; readonly initdb: string };
}

export type FoundBinaries = { readonly [Service in ServiceName]: Binaries[Service] | undefined };

export const searchPath = (): string[] => [
  ...new Set([...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...EXTRA_FOLDERS]),
];

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

export const findProgram = (name: string, folders: readonly string[] = searchPath()): string | undefined =>
  folders.map((folder) => join(folder, name)).find(isProgram);

const versionIn = (folder: string): number => Number(/(\d+)$/.exec(folder)?.[1] ?? 0);

/** The newest of the versioned folders, then PATH. Both programs must be of one release. */
const findPostgres = (): Binaries['postgres'] | undefined => {
  const versioned = POSTGRES_PARENTS.flatMap(({ parent, folder }) =>
    namesIn(parent)
      .filter((name) => folder.test(name))
      .map((name) => join(parent, name)),
  ).toSorted((a, b) => versionIn(b) - versionIn(a));
  for (const folder of [...versioned.map((path) => join(path, 'bin')), ...searchPath()]) {
    const [server, initdb] = [join(folder, 'postgres'), join(folder, 'initdb')];
    if (isProgram(server) && isProgram(initdb)) return { server, initdb };
  }
  return undefined;
};

/**
 * The start script itself. Debian's wrapper in /usr/sbin changes the user and the folder, so it will not do;
 * its own lies beside it.
 */
const findRabbitmq = (): Binaries['rabbitmq'] | undefined => {
  const erl = findProgram('erl');
  const beside = erl === undefined ? [] : [dirname(realpathSync(erl))];
  const epmd = findProgram('epmd', [...searchPath(), ...beside]);
  const server = ['/usr/lib/rabbitmq/bin', ...searchPath()]
    .map((folder) => join(folder, 'rabbitmq-server'))
    .find((path) => isProgram(path) && basename(realpathSync(path)) === 'rabbitmq-server');
  return erl === undefined || epmd === undefined || server === undefined ? undefined : { server, epmd };
};

/** What of each service's programs is on this machine. Only looks; runs nothing. */
export const findBinaries = (): FoundBinaries => {
  const redis = findProgram('redis-server');
  return {
    redis: redis === undefined ? undefined : { server: redis },
    rabbitmq: findRabbitmq(),
    postgres: findPostgres(),
  };
};

export const missingBinaries = (
  found: FoundBinaries,
  wanted: readonly ServiceName[] = SERVICE_NAMES,
): ServiceName[] => wanted.filter((service) => found[service] === undefined);

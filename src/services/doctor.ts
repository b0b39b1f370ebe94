import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServiceName } from '../backends/ports.ts';
import { findBinaries, missingBinaries } from './binaries.ts';
import { askDocker, type DockerState } from './compose.ts';
import { installCommand } from './install-command.ts';
import { servicesStatus, type KeptState } from './kept.ts';
import { reapOrphans, type Reaped } from './reap.ts';
import { outputOf, runCommand, type RunCommand } from './run-command.ts';
import { isRecentEnough } from './versions.ts';

export type FoundServer =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'found';
      readonly path: string;
      /** Undefined when only a start could tell. */
      readonly version: string | undefined;
      readonly recentEnough: boolean | undefined;
    };

export interface DoctorReport {
  readonly servers: Readonly<Record<ServiceName, FoundServer>>;
  readonly docker: DockerState;
  readonly kept: KeptState;
  readonly reaped: readonly Reaped[];
  /** The one command that installs what is missing; undefined when nothing is. */
  readonly install: string | undefined;
}

const VERSION_DEADLINE_MS = 3_000;

const printedVersion = async (path: string, run: RunCommand): Promise<string | undefined> => {
  const output = outputOf(await run(path, ['--version'], { deadlineMs: VERSION_DEADLINE_MS }));
  return /(?:v=|\) )(\d+(?:\.\d+)*)/.exec(output ?? '')?.[1];
};

/** RabbitMQ tells its version only when it runs; but its folders carry it. */
const rabbitmqFolderVersion = (path: string): string | undefined => {
  const bin = dirname(realpathSync(path));
  const beside = ['lib', '.'].flatMap((name) => {
    try {
      return readdirSync(join(bin, '..', name));
    } catch {
      return [];
    }
  });
  const pattern = /rabbitmq(?:_server-|\/)(\d+(?:\.\d+)+)/;
  return [bin, ...beside].map((text) => pattern.exec(text)?.[1]).find((version) => version !== undefined);
};

const examine = async (
  service: ServiceName,
  path: string | undefined,
  run: RunCommand,
): Promise<FoundServer> => {
  if (path === undefined) return { kind: 'missing' };
  const version = service === 'rabbitmq' ? rabbitmqFolderVersion(path) : await printedVersion(path, run);
  const recentEnough = version === undefined ? undefined : isRecentEnough(service, version);
  return { kind: 'found', path, version, recentEnough };
};

const osRelease = (): string => {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
};

/** What there is to run with, what is missing and how to get it. Reaps what killed runs have left. */
export const doctor = async (run: RunCommand = runCommand): Promise<DoctorReport> => {
  const reaped = await reapOrphans();
  const found = findBinaries();
  const [redis, rabbitmq, postgres, docker, kept] = await Promise.all([
    examine('redis', found.redis?.server, run),
    examine('rabbitmq', found.rabbitmq?.server, run),
    examine('postgres', found.postgres?.server, run),
    askDocker(run),
    servicesStatus(),
  ]);
  const install = installCommand(missingBinaries(found), process.platform, osRelease());
  return { servers: { redis, rabbitmq, postgres }, docker, kept, reaped, install };
};

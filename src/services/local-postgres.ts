import { chownSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { serviceError } from '../kernel/errors.ts';
import type { Binaries } from './binaries.ts';
import { newPassword, startService, type LocalContext } from './local-server.ts';
import { outputOf, runCommand } from './run-command.ts';
import type { UserIds } from './server-process.ts';
import type { LiveServer } from './types.ts';

const USER = 'trade_sim';
const INITDB_DEADLINE_MS = 60_000;

/** Durable as in production (fsync and synchronous commit are on by default); reached by TCP only. */
const SETTINGS: Readonly<Record<string, string | number>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '256MB',
  max_connections: 200,
  timezone: 'UTC',
};

/** PostgreSQL refuses to run as root: its own user, or nobody, stands in. Undefined when we are not root. */
const unprivilegedUser = async (): Promise<UserIds | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(
      ['-u', '-g'].map(async (flag) => outputOf(await runCommand('id', [flag, name], { deadlineMs: 2_000 }))),
    );
    if (ids[0] && ids[1]) return { uid: Number(ids[0]), gid: Number(ids[1]) };
  }
  throw serviceError(
    'PostgreSQL cannot run as root, and there is no user "postgres" or "nobody" to run it as',
    'Run trade-sim as another user.',
  );
};

interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly password: string;
  readonly user: UserIds | undefined;
}

const ENVIRONMENT = { LC_ALL: 'C', PATH: process.env['PATH'] };

const createCluster = async ({ instance, signal }: LocalContext, initdb: string): Promise<Cluster> => {
  const user = await unprivilegedUser();
  const folder = instance.subfolder('postgres');
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')];
  const password = newPassword();
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  // Not synced: should the machine fail now, nobody will want this cluster back.
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-sync', '--no-instructions'];
  const created = await runCommand(
    initdb,
    [`--pgdata=${data}`, `--username=${USER}`, `--pwfile=${passwordFile}`, ...flags],
    { deadlineMs: INITDB_DEADLINE_MS, env: ENVIRONMENT, cwd: folder, signal, ...(user && { user }) },
  );
  await rm(passwordFile, { force: true });
  signal.throwIfAborted();
  if (outputOf(created) === undefined)
    throw serviceError(
      `PostgreSQL's initdb failed: ${created.kind === 'exited' ? created.stderr.trim() : created.reason}`,
    );
  return { folder, data, password, user };
};

export const startPostgres = async (
  context: LocalContext,
  { server, initdb }: Binaries['postgres'],
): Promise<LiveServer> => {
  const { folder, data, password, user } = await createCluster(context, initdb);
  return startService(context, {
    service: 'postgres',
    portCount: 1,
    async start([port], launch) {
      const settings = Object.entries({ ...SETTINGS, port: port! });
      await launch({
        name: 'postgres',
        file: server,
        args: ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        folder,
        env: ENVIRONMENT,
        // "Fast shutdown": does not wait for clients to leave, as SIGTERM would.
        stopSignal: 'SIGINT',
        user,
      });
      return `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
    },
  });
};

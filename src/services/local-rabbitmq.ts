import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { searchPath, type Binaries } from './binaries.ts';
import { newPassword, startService, untilReady, type LocalContext } from './local-server.ts';
import type { LiveServer } from './types.ts';

const USER = 'trade_sim';
const CONNECT_DEADLINE_MS = 1_000;

interface RabbitmqPorts {
  readonly amqp: number;
  /** Erlang's port mapper and distribution, which a node opens even when it is alone. */
  readonly epmd: number;
  readonly distribution: number;
}

/** No guest: the only user has a random password. */
const configuration = (port: number, password: string): string => `\
listeners.tcp.1 = 127.0.0.1:${port}
default_user = ${USER}
default_pass = ${password}
loopback_users = none
log.console = true
log.console.level = warning
log.file = false
`;

/** Points everything the start scripts and the node would read or write at `folder`, and nothing elsewhere. */
const environment = (folder: string, ports: RabbitmqPorts): NodeJS.ProcessEnv => ({
  HOME: folder,
  PATH: searchPath().join(delimiter),
  LC_ALL: 'C.UTF-8',
  ERL_EPMD_ADDRESS: '127.0.0.1',
  ERL_EPMD_PORT: String(ports.epmd),
  // A node that finds no port mapper, as when it is ended while it starts, would leave one behind as a daemon.
  ERL_FLAGS: '-start_epmd false',
  RABBITMQ_NODENAME: 'trade-sim@localhost',
  RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
  RABBITMQ_NODE_PORT: String(ports.amqp),
  RABBITMQ_DIST_PORT: String(ports.distribution),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  RABBITMQ_CONF_ENV_FILE: '/dev/null',
  RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
  RABBITMQ_CONFIG_FILES: join(folder, 'conf.d'),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
  RABBITMQ_MNESIA_BASE: join(folder, 'data'),
  RABBITMQ_LOG_BASE: join(folder, 'log'),
  // The start script replaces itself by the server instead of watching over it: one process to end.
  RUNNING_UNDER_SYSTEMD: '1',
});

const writeFiles = (folder: string, port: number, password: string): void => {
  const write = (name: string, text: string, mode: number) =>
    writeFileSync(join(folder, name), text, { mode });
  write('rabbitmq.conf', configuration(port, password), 0o600);
  write('enabled_plugins', '[].\n', 0o600);
  // Erlang refuses a cookie that others may read. It is kept when a second attempt takes other ports.
  if (!existsSync(join(folder, '.erlang.cookie'))) write('.erlang.cookie', newPassword(), 0o400);
};

const canConnect = async (port: number): Promise<void> => {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_DEADLINE_MS) });
  } finally {
    socket.destroy();
  }
};

export const startRabbitmq = (context: LocalContext, binaries: Binaries['rabbitmq']): Promise<LiveServer> => {
  const folder = context.instance.subfolder('rabbitmq');
  const password = newPassword();
  return startService(context, {
    service: 'rabbitmq',
    portCount: 3,
    async start([amqp, epmd, distribution], launch) {
      const env = environment(folder, { amqp: amqp!, epmd: epmd!, distribution: distribution! });
      writeFiles(folder, amqp!, password);
      // A node needs a port mapper and may not start one: ours is there first.
      const mapper = await launch({
        name: 'epmd',
        file: binaries.epmd,
        args: ['-port', String(epmd), '-address', '127.0.0.1'],
        folder,
        env,
        stopSignal: 'SIGTERM',
      });
      await untilReady(context, 'rabbitmq', [mapper], () => canConnect(epmd!));
      await launch({ name: 'rabbitmq', file: binaries.server, args: [], folder, env, stopSignal: 'SIGTERM' });
      return `amqp://${USER}:${password}@127.0.0.1:${amqp}`;
    },
  });
};

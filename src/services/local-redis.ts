import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { newPassword, startService, type LocalContext } from './local-server.ts';
import type { LiveServer } from './types.ts';

const USER = 'trade_sim';

/**
 * No persistence: the data ends with the run. The password is in a file since everybody can read arguments. A
 * user of our own, since a Redis without passwords lets the default user in with any: were it faster to take
 * the port, it would pass for ours.
 */
const configuration = (port: number, password: string, folder: string): string => `\
bind 127.0.0.1
port ${port}
protected-mode yes
user default off
user ${USER} on >${password} ~* &* +@all
daemonize no
save ""
appendonly no
dir "${folder}"
`;

export const startRedis = (context: LocalContext, { server }: Binaries['redis']): Promise<LiveServer> =>
  startService(context, {
    service: 'redis',
    portCount: 1,
    async start([port], launch) {
      const name = `redis-${port}`;
      const folder = context.instance.subfolder(name);
      const password = newPassword();
      const file = join(folder, 'redis.conf');
      writeFileSync(file, configuration(port!, password, folder), { mode: 0o600 });
      await launch({
        name,
        file: server,
        args: [file],
        folder,
        env: { LC_ALL: 'C' },
        stopSignal: 'SIGTERM',
      });
      return `redis://${USER}:${password}@127.0.0.1:${port}`;
    },
  });

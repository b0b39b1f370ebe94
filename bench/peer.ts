import { spawn } from 'node:child_process';
import { once } from 'node:events';
import autocannon from 'autocannon';
import { newRecorder } from '../src/load/node.ts';
import { iterateAll, usersWith } from './kit/empty-shop.ts';
import { printBar, printSides, runSides, type Figures, type Side } from './kit/rounds.ts';

/**
 * What one core of load generator can do when the target does nothing: trade-sim's iterations, which stay in the
 * process, beside autocannon's requests to an empty server in another process. Per second of this process's CPU time.
 */
const ROUNDS = 3;
const VUS = 1_000;
const ITERATIONS = 1_000_000;
const CONNECTIONS = 100;
const SECONDS = 3;
const BAR = 5;

const EMPTY_SERVER = `
const server = require('node:http').createServer((_, response) => response.end());
server.listen(0, '127.0.0.1', () => process.send(server.address().port));`;

const perCore = async (work: () => Promise<number>): Promise<Figures> => {
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  return {
    'a second of CPU': done / ((user + system) / 1e6),
    'a second': done / ((performance.now() - startedMs) / 1_000),
  };
};

const recorder = newRecorder();
const server = spawn(process.execPath, ['-e', EMPTY_SERVER], {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const [port] = (await once(server, 'message')) as [number];

const sides: readonly Side[] = [
  {
    name: 'autocannon',
    run: () =>
      perCore(async () => {
        const url = `http://127.0.0.1:${port}`;
        const { requests, errors } = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS });
        if (errors > 0) throw new Error(`${errors} requests failed`);
        return requests.total;
      }),
  },
  {
    name: 'trade-sim',
    run: () =>
      perCore(async () => {
        const users = usersWith(VUS, () => Promise.resolve(), new AbortController().signal, recorder);
        await iterateAll(users, VUS, ITERATIONS);
        return ITERATIONS;
      }),
  },
];

try {
  const medians = await runSides(sides, ROUNDS);
  printSides('iterations against a target that does nothing', sides, medians);
  const ratio = medians[1]!['a second of CPU']! / medians[0]!['a second of CPU']!;
  printBar("iterations a second of CPU, in autocannon's", ratio, '>=', BAR);
} finally {
  server.kill();
  recorder.destroy();
}

import { newRecorder } from '../src/load/node.ts';
import { iterateAll, usersWith } from './kit/empty-shop.ts';
import { median, printBar } from './kit/rounds.ts';

/** What the harness itself costs: an empty iteration, with all that is recorded of it. */
const ROUNDS = 5;
const VUS = 1_000;
const ITERATIONS = 1_000_000;
const BAR_US = 3;

const recorder = newRecorder();

/** µs of each of so many iterations, and nothing else, on this thread. */
const iterationUs = async (): Promise<number> => {
  const users = usersWith(VUS, () => Promise.resolve(), new AbortController().signal, recorder);
  const startedMs = performance.now();
  await iterateAll(users, VUS, ITERATIONS);
  return ((performance.now() - startedMs) * 1_000) / ITERATIONS;
};

const rounds: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push(await iterationUs());
printBar(`µs an empty iteration costs, ${VUS} virtual users`, median(rounds), '<=', BAR_US);
recorder.destroy();

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Target } from '../src/engine/types.ts';
import { sleep, wallClock } from '../src/kernel/clock.ts';
import type { Drive } from '../src/load/executors/drive.ts';
import { runLoad } from '../src/load/executors/run-load.ts';
import { newRecorder } from '../src/load/node.ts';
import { VirtualUsers, type VirtualUserContext } from '../src/load/virtual-user.ts';
import { createCatalogue } from '../src/scenarios/catalogue.ts';
import { planOf } from '../src/scenarios/executors/index.ts';
import { median, printBar } from './kit/rounds.ts';

/** What the harness itself costs: an empty iteration, and a virtual user who waits. */
const ROUNDS = 5;
const VUS = 1_000;
const ITERATIONS = 1_000_000;
const PARKED = 100_000;
const ITERATION_BAR_US = 3;
const PARKED_BAR_BYTES = 2_000;

const recorder = newRecorder();
const drive: Omit<Drive, 'iterate'> = {
  clock: wallClock,
  startMs: wallClock.now(),
  endMs: Infinity,
  share: { node: 0, nodes: 1 },
  seed: 1,
  stopped: () => false,
  drop: () => {},
  breathe: async () => void (await sleep(wallClock, 0)),
  pause: async (delayMs) => void (await sleep(wallClock, delayMs)),
};

const usersWith = (journey: VirtualUserContext['journey'], signal: AbortSignal): VirtualUsers =>
  new VirtualUsers({
    // Nobody in these journeys asks the shop for anything.
    target: {} as Target,
    catalogue: createCatalogue({ skus: 1, limitPerUser: 0, popularity: { kind: 'uniform' } }),
    clock: wallClock,
    seed: 1,
    opensAtMs: -Infinity,
    signal,
    recorder,
    journey,
    onDefect: (error) => {
      throw error;
    },
  });

/** µs of each of so many iterations, and nothing else, on this thread. */
const iterationUs = async (): Promise<number> => {
  const users = usersWith(() => Promise.resolve(), new AbortController().signal);
  const times = { durationMs: Infinity, warmupMs: 0, gracefulStopMs: 0 };
  const plan = planOf({ executor: 'constant-vus', vus: VUS, iterations: ITERATIONS, ...times });
  const startedMs = performance.now();
  await runLoad(plan, { ...drive, iterate: (number, intendedMs) => users.iterate(number, intendedMs) });
  return ((performance.now() - startedMs) * 1_000) / ITERATIONS;
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const heapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** Bytes of a virtual user who sleeps: an iteration under way, its session, its timer. */
const parkedBytes = async (): Promise<number> => {
  const awake = new AbortController();
  const users = usersWith(
    async ({ clock, signal }) => void (await sleep(clock, 60_000, signal)),
    awake.signal,
  );
  const before = heapBytes();
  const iterations = Array.from({ length: PARKED }, (_, number) => users.iterate(number, undefined));
  const bytes = (heapBytes() - before) / PARKED;
  awake.abort();
  await Promise.all(iterations);
  return bytes;
};

const rounds: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push(await iterationUs());
printBar(`µs an empty iteration costs, ${VUS} virtual users`, median(rounds), '<=', ITERATION_BAR_US);
printBar(`bytes of a parked virtual user, ${PARKED} of them`, await parkedBytes(), '<=', PARKED_BAR_BYTES);
recorder.destroy();

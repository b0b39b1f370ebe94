import type { Target } from '../engine/types.ts';
import { sleep, wallClock } from '../kernel/clock.ts';
import { createCatalogue } from '../scenarios/catalogue.ts';
import { planOf } from '../scenarios/executors/index.ts';
import { Feeding } from '../scenarios/feeders/feeding.ts';
import { runLoad } from './executors/run-load.ts';
import { newRecorder, type LoadRecorder } from './node.ts';
import { VirtualUsers } from './virtual-user.ts';

const VUS = 100;
const SLICE_MS = 10;
/** The first ones compile the code; a slice that the machine disturbed is not the fastest. */
const SLICES = 10;

let known: Promise<number> | undefined;

/**
 * How many iterations a second this thread can begin, run and record when customers ask for nothing: what no load
 * can exceed. Measured once in each thread, by the code of the closed load; takes some 100 ms.
 */
export const ceilingPerSecond = (): Promise<number> => (known ??= measure());

const measure = async (): Promise<number> => {
  const recorder = newRecorder();
  try {
    let fastest = 0;
    for (let slice = 0; slice < SLICES; slice += 1)
      fastest = Math.max(fastest, await iterationsPerSecond(recorder));
    return fastest;
  } finally {
    recorder.destroy();
  }
};

const iterationsPerSecond = async (recorder: LoadRecorder): Promise<number> => {
  const seed = 1;
  const feeding = new Feeding(
    { journey: { name: 'none', options: {} }, feeders: {} },
    {},
    { seed, vus: VUS },
  );
  const users = new VirtualUsers({
    // Nobody asks the shop for anything.
    target: {} as Target,
    catalogue: createCatalogue({ skus: 1, limitPerUser: 0, popularity: { kind: 'uniform' } }),
    clock: wallClock,
    seed,
    vus: VUS,
    feeding,
    opensAtMs: -Infinity,
    signal: new AbortController().signal,
    recorder,
    journey: () => Promise.resolve(),
    onDefect: () => {},
  });
  const startMs = wallClock.now();
  let iterations = 0;
  const times = { durationMs: SLICE_MS, warmupMs: 0, gracefulStopMs: 0 };
  await runLoad(planOf({ executor: 'constant-vus', vus: VUS, ...times }), {
    clock: wallClock,
    startMs,
    endMs: startMs + SLICE_MS,
    share: { node: 0, nodes: 1 },
    seed,
    stopped: () => false,
    arrived: () => {},
    drop: () => {},
    breathe: async () => void (await sleep(wallClock, 0)),
    pause: async (delayMs) => void (await sleep(wallClock, delayMs)),
    iterate(number, intendedMs) {
      iterations += 1;
      return users.iterate(number, intendedMs);
    },
  });
  return (iterations * 1_000) / (wallClock.now() - startMs);
};

import type { Target } from '../../src/engine/types.ts';
import { sleep, wallClock } from '../../src/kernel/clock.ts';
import type { Drive } from '../../src/load/executors/drive.ts';
import { runLoad } from '../../src/load/executors/run-load.ts';
import type { LoadRecorder } from '../../src/load/node.ts';
import { VirtualUsers, type VirtualUserContext } from '../../src/load/virtual-user.ts';
import { createCatalogue } from '../../src/scenarios/catalogue.ts';
import { planOf } from '../../src/scenarios/executors/index.ts';
import { Feeding } from '../../src/scenarios/feeders/feeding.ts';

/** Virtual users of a journey in which nobody asks the shop for anything: what is left is the harness itself. */
export const usersWith = (
  vus: number,
  journey: VirtualUserContext['journey'],
  signal: AbortSignal,
  recorder: LoadRecorder,
): VirtualUsers =>
  new VirtualUsers({
    target: {} as Target,
    catalogue: createCatalogue({ skus: 1, limitPerUser: 0, popularity: { kind: 'uniform' } }),
    clock: wallClock,
    seed: 1,
    vus,
    feeding: new Feeding({ journey: { name: '', options: {} }, feeders: {} }, {}, { seed: 1, vus }),
    opensAtMs: -Infinity,
    signal,
    recorder,
    journey,
    onDefect: (error) => {
      throw error;
    },
  });

const drive: Omit<Drive, 'iterate'> = {
  clock: wallClock,
  startMs: wallClock.now(),
  endMs: Infinity,
  share: { node: 0, nodes: 1 },
  seed: 1,
  stopped: () => false,
  arrived: () => {},
  drop: () => {},
  breathe: async () => void (await sleep(wallClock, 0)),
  pause: async (delayMs) => void (await sleep(wallClock, delayMs)),
};

/** Runs so many iterations by so many users on this thread, each user one after another. */
export const iterateAll = (users: VirtualUsers, vus: number, iterations: number): Promise<void> => {
  const times = { durationMs: Infinity, warmupMs: 0, gracefulStopMs: 0 };
  const plan = planOf({ executor: 'constant-vus', vus, iterations, ...times });
  return runLoad(plan, { ...drive, iterate: (number, intendedMs) => users.iterate(number, intendedMs) });
};

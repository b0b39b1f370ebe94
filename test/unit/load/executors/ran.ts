import { VirtualClock } from '../../../../src/backends/simulated/clock.ts';
import { sleep, type Clock } from '../../../../src/kernel/clock.ts';
import type { Drive } from '../../../../src/load/executors/drive.ts';
import { runLoad } from '../../../../src/load/executors/run-load.ts';
import { planOf, type LoadConfig } from '../../../../src/scenarios/executors/index.ts';

interface Iteration {
  readonly number: number;
  readonly node: number;
  readonly intendedMs: number | undefined;
  readonly startedMs: number;
}

interface Setting {
  readonly nodes?: number;
  readonly seed?: number;
  readonly startMs?: number;
  readonly durationMs?: number;
  /** How long an iteration takes. */
  readonly iterationMs?: (number: number) => number;
  /** When the phase is asked to stop. */
  readonly stopAtMs?: number;
  /** Makes a clock of worse manners out of an exact one. */
  readonly behave?: (clock: Clock) => Clock;
}

/** What an executor did on all of its nodes together, in virtual time. */
export interface Ran {
  readonly iterations: readonly Iteration[];
  /** Sorted. */
  readonly numbers: readonly number[];
  readonly dropped: number;
  readonly peak: number;
  readonly breaths: number;
  /** When the last node said that it had ended. */
  readonly endedMs: number;
}

export const runExecutor = async (config: LoadConfig, setting: Setting = {}): Promise<Ran> => {
  const { nodes = 1, seed = 1, startMs = 0, durationMs = Infinity, iterationMs = () => 10 } = setting;
  const { stopAtMs = Infinity, behave = (exact: Clock) => exact } = setting;
  const exact = new VirtualClock(0);
  const clock = behave(exact);
  const iterations: Iteration[] = [];
  const counts = { dropped: 0, running: 0, peak: 0, breaths: 0 };
  const driveOf = (node: number): Drive => ({
    clock,
    startMs,
    endMs: startMs + durationMs,
    share: { node, nodes },
    seed,
    stopped: () => clock.now() >= stopAtMs,
    async iterate(number, intendedMs) {
      iterations.push({ number, node, intendedMs, startedMs: clock.now() });
      counts.running += 1;
      counts.peak = Math.max(counts.peak, counts.running);
      await sleep(clock, iterationMs(number));
      counts.running -= 1;
    },
    arrived() {},
    drop() {
      counts.dropped += 1;
    },
    async breathe() {
      counts.breaths += 1;
    },
    pause: async (delayMs) => void (await sleep(clock, delayMs)),
  });
  const plan = planOf(config);
  const started = sleep(clock, startMs).then(() =>
    Promise.all(Array.from({ length: nodes }, (_, node) => runLoad(plan, driveOf(node)))),
  );
  const ended = started.then(() => clock.now());
  await exact.run();
  const endedMs = await ended;
  const numbers = iterations.map(({ number }) => number).toSorted((a, b) => a - b);
  return { iterations, numbers, ...counts, endedMs };
};

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The thread is busy with something else for a while: whatever is due in that time comes at its end. */
export const stalling =
  (fromMs: number, untilMs: number) =>
  (clock: Clock): Clock => ({
    now: () => clock.now(),
    epoch: () => clock.epoch(),
    schedule(delayMs, callback) {
      const dueMs = clock.now() + delayMs;
      return clock.schedule(dueMs >= fromMs && dueMs < untilMs ? untilMs - clock.now() : delayMs, callback);
    },
  });

/** Node's timers: whole milliseconds, and never less than one. */
export const coarse = (clock: Clock): Clock => ({
  now: () => clock.now(),
  epoch: () => clock.epoch(),
  schedule: (delayMs, callback) => clock.schedule(Math.max(1, Math.ceil(delayMs)), callback),
});

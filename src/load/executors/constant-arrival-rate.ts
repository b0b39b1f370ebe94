import { sleep } from '../../kernel/clock.ts';
import { formatCount, formatDuration } from '../../kernel/units.ts';
import type { LoadConfig } from '../../scenarios/schema.ts';
import type { Executor } from './executor.ts';

type Config = Extract<LoadConfig, { executor: 'constant-arrival-rate' }>;

/** A stop is noticed within this time, however slow the arrivals. */
const LONGEST_PAUSE_MS = 100;

/**
 * The open model: customers arrive at their own pace, whether or not the shop keeps up. Times are counted from the
 * intended arrival, so that a stall is felt by all who came during it. Arrival i is due at i / rate; nodes take turns.
 */
export const constantArrivalRate: Executor<Config> = {
  name: 'constant-arrival-rate',
  describe: ({ rate, durationMs, maxVus }) =>
    `${formatCount(rate)} arrivals/s for ${formatDuration(durationMs)}, at most ${formatCount(maxVus)} at once`,
  vus: ({ maxVus }) => maxVus,
  async run({ rate, maxVus }, drive) {
    const { clock, startMs, endMs, share } = drive;
    const mayRun = Math.max(1, Math.floor(maxVus / share.nodes));
    const running = new Set<Promise<void>>();
    const dueMs = (number: number) => startMs + (number * 1_000) / rate;

    let number = share.node;
    while (!drive.stopped() && dueMs(number) < endMs) {
      for (const now = clock.now(); dueMs(number) <= now && dueMs(number) < endMs; number += share.nodes) {
        if (running.size >= mayRun) {
          drive.drop();
          continue;
        }
        const iteration = drive.iterate(number, dueMs(number)).finally(() => running.delete(iteration));
        running.add(iteration);
      }
      await sleep(clock, Math.min(Math.max(0, dueMs(number) - clock.now()), LONGEST_PAUSE_MS));
    }
    await Promise.all(running);
  },
};

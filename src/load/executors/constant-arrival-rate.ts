import { sleep } from '../../kernel/clock.ts';
import type { LoadConfig } from '../../scenarios/schema.ts';
import { partOf, type Executor } from './executor.ts';

type Config = Extract<LoadConfig, { executor: 'constant-arrival-rate' }>;

/** A stop is noticed within this time, however slow the arrivals. */
const LONGEST_PAUSE_MS = 100;

/**
 * The open model: customers arrive at their own pace, whether or not the shop keeps up. Times are counted from the
 * intended arrival, so that a stall is felt by all who came during it. Arrival i is due at i / rate; nodes take turns.
 */
export const constantArrivalRate: Executor<Config> = {
  vus: ({ maxVus }) => maxVus,
  async run({ rate, maxVus }, drive) {
    const { clock, startMs, endMs } = drive;
    // A node without a virtual user of its own could only drop its arrivals: the others take them.
    const share = { node: drive.share.node, nodes: Math.min(drive.share.nodes, maxVus) };
    const mayRun = partOf(maxVus, share);
    if (mayRun === 0) return;
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

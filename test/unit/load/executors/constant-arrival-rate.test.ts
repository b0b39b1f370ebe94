import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxVusOf, planOf, type LoadConfig } from '../../../../src/scenarios/executors/index.ts';
import type { Clock } from '../../../../src/kernel/clock.ts';
import { coarse, range, runExecutor, stalling, type Ran } from './ran.ts';

const open = (rate: number, durationMs: number, maxVus = 1_000_000): LoadConfig => ({
  executor: 'constant-arrival-rate',
  rate,
  durationMs,
  arrivals: 'uniform',
  maxVus,
  warmupMs: 0,
  gracefulStopMs: 0,
});

const run = (
  rate: number,
  durationMs: number,
  { maxVus, ...setting }: Parameters<typeof runExecutor>[1] & { maxVus?: number } = {},
) => runExecutor(open(rate, durationMs, maxVus), { ...setting, durationMs });

const latestMs = ({ iterations }: Ran): number =>
  iterations.reduce((latest, { startedMs, intendedMs }) => Math.max(latest, startedMs - intendedMs!), 0);

describe('constant-arrival-rate', () => {
  it('has arrival i due at i / rate, each once, whatever the number of nodes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 1, max: 100_000, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        fc.constantFrom(1, 2, 3, 4),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        async (rate, arrivals, nodes, startMs) => {
          const durationMs = Math.max(1, Math.round((arrivals * 1_000) / rate));
          const ran = await run(rate, durationMs, { nodes, startMs });
          const due = range(arrivals + 150)
            .map((number) => startMs + (number * 1_000) / rate)
            .filter((dueMs) => dueMs < startMs + durationMs);
          const inOrder = ran.iterations.toSorted((a, b) => a.number - b.number);
          expect(ran.numbers).toEqual(range(due.length));
          expect(inOrder.map(({ intendedMs }) => intendedMs)).toEqual(due);
          expect(inOrder.every(({ startedMs }, i) => startedMs >= due[i]!)).toBe(true);
          expect(latestMs(ran)).toBeLessThan(1e-6);
          expect(ran.dropped).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keeps 100,000 arrivals/s by timers of a millisecond, none twice and none missed', async () => {
    for (const nodes of [1, 3]) {
      const ran = await run(100_000, 1_000, { nodes, startMs: 12_345.678, behave: coarse });
      expect(ran.numbers).toEqual(range(100_000));
      expect(latestMs(ran)).toBeLessThanOrEqual(1);
    }
  });

  it('catches up after a stall, with the times that were intended', async () => {
    for (const nodes of [1, 2]) {
      const ran = await run(1_000, 3_000, { nodes, behave: stalling(1_000, 2_000) });
      expect(ran.numbers).toEqual(range(3_000));
      for (const { number, intendedMs, startedMs } of ran.iterations) {
        expect(intendedMs).toBe(number);
        expect(startedMs).toBe(number >= 1_000 && number < 2_000 ? 2_000 : number);
      }
    }
  });

  it('catches up after a stall at the very end too', async () => {
    const ran = await run(100, 1_000, { behave: stalling(500, 1_500) });
    expect(ran.numbers).toEqual(range(100));
  });

  it('drops and counts what finds no free virtual user, and no more', async () => {
    for (const nodes of [1, 2, 5]) {
      const ran = await run(1_000, 1_000, { nodes, maxVus: 10, iterationMs: () => 1_000 });
      expect([ran.iterations.length, ran.dropped, ran.peak]).toEqual([10, 990, 10]);
    }
  });

  it('takes new arrivals as soon as virtual users are free again', async () => {
    const ran = await run(1_000, 1_000, { maxVus: 10, iterationMs: () => 20 });
    expect(ran.peak).toBe(10);
    expect(ran.iterations.length).toBe(500);
    expect(ran.dropped).toBe(500);
  });

  it('shares out every virtual user, also where they do not divide evenly or are fewer than the nodes', async () => {
    for (const [maxVus, nodes] of [
      [5, 2],
      [7, 4],
      [1, 2],
      [3, 5],
    ] as const) {
      const ran = await run(1_000, 100, { nodes, maxVus, iterationMs: () => 1_000 });
      expect([ran.peak, ran.iterations.length + ran.dropped]).toEqual([maxVus, 100]);
    }
  });

  it('loses no arrival to a node that has no virtual user', async () => {
    const ran = await run(100, 1_000, { nodes: 4, maxVus: 2, iterationMs: () => 1 });
    expect([ran.numbers, ran.dropped]).toEqual([range(100), 0]);
  });

  it('begins nothing after a stop, which it notices between two slow arrivals', async () => {
    const slow = await run(0.001, 10_000_000, { stopAtMs: 250 });
    expect(slow.numbers).toEqual([0]);
    expect(slow.endedMs).toBeLessThanOrEqual(350);
    const fast = await run(1_000, 1_000, { stopAtMs: 500 });
    expect(fast.numbers).toEqual(range(500));
  });

  it('waits for the iterations under way', async () => {
    const ran = await run(10, 1_000, { iterationMs: () => 777 });
    expect(ran.endedMs).toBeCloseTo(900 + 777);
    expect(maxVusOf(planOf(open(10, 1_000, 12)))).toBe(12);
  });
});

describe('an iteration that ends', () => {
  it('begins what has become due, before the next tick of a slow timer', async () => {
    // A thread whose timers come every 10 ms only, and customers who take 3 ms of it each.
    const slowTimers = (clock: Clock): Clock => ({
      ...clock,
      now: () => clock.now(),
      schedule: (delayMs, callback) =>
        clock.schedule(delayMs === 0 || delayMs === 3 ? delayMs : 10, callback),
    });
    const ran = await run(1_000, 100, { behave: slowTimers, iterationMs: () => 3 });
    expect(ran.numbers).toEqual(range(100));
    expect(latestMs(ran)).toBeLessThanOrEqual(3);
  });
});

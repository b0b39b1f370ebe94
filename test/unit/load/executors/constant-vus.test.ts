import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxVusOf, planOf, type LoadConfig } from '../../../../src/scenarios/executors/index.ts';
import { range, runExecutor } from './ran.ts';

const closed = (fields: { vus: number; iterations?: number; durationMs?: number }): LoadConfig => ({
  executor: 'constant-vus',
  warmupMs: 0,
  gracefulStopMs: 0,
  ...fields,
});

/** Some iterations are quick, some slow, and it depends on nothing but the number. */
const unevenMs = (number: number) => 1 + ((number * 7_919) % 50);

describe('constant-vus', () => {
  it('runs the same iterations whatever the number of nodes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 500 }),
        async (vus, durationMs) => {
          const setting = { durationMs, iterationMs: unevenMs };
          const [one, ...others] = await Promise.all(
            [1, 2, 4, 7].map((nodes) => runExecutor(closed({ vus }), { ...setting, nodes })),
          );
          expect(new Set(one!.numbers).size).toBe(one!.numbers.length);
          for (const other of others) expect(other.numbers).toEqual(one!.numbers);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('does just so many iterations, whatever the number of nodes', async () => {
    for (const nodes of [1, 2, 4])
      for (const iterations of [1, 3, 10, 11, 1_000]) {
        const ran = await runExecutor(closed({ vus: 10, iterations }), { nodes, iterationMs: unevenMs });
        expect(ran.numbers).toEqual(range(iterations));
      }
  });

  it('keeps each virtual user busy with one iteration at a time', async () => {
    const ran = await runExecutor(closed({ vus: 5 }), { nodes: 2, durationMs: 100 });
    expect(ran.peak).toBe(5);
    expect(ran.numbers).toEqual(range(50));
    for (const { number, startedMs } of ran.iterations) expect(startedMs).toBe(Math.floor(number / 5) * 10);
  });

  it('leaves nodes without work when there are fewer virtual users', async () => {
    const ran = await runExecutor(closed({ vus: 2, iterations: 10 }), { nodes: 5 });
    expect(ran.numbers).toEqual(range(10));
    expect(new Set(ran.iterations.map(({ node }) => node))).toEqual(new Set([0, 1]));
  });

  it('begins nothing at or after the end, and lets what has begun come to its end', async () => {
    const ran = await runExecutor(closed({ vus: 1 }), { startMs: 5, durationMs: 25 });
    expect(ran.iterations.map(({ startedMs }) => startedMs)).toEqual([5, 15, 25]);
    expect(ran.endedMs).toBe(35);
  });

  it('begins nothing after a stop', async () => {
    const ran = await runExecutor(closed({ vus: 3, iterations: 1_000 }), { nodes: 2, stopAtMs: 45 });
    expect(Math.max(...ran.iterations.map(({ startedMs }) => startedMs))).toBe(40);
    expect(ran.endedMs).toBe(50);
  });

  it('gives timers and sockets their turn', async () => {
    const ran = await runExecutor(closed({ vus: 10, iterations: 1_280 }), { nodes: 1 });
    expect(ran.breaths).toBe(10);
  });

  it('has no intended times', async () => {
    const ran = await runExecutor(closed({ vus: 1, iterations: 3 }));
    expect(ran.iterations.map(({ intendedMs }) => intendedMs)).toEqual([undefined, undefined, undefined]);
    expect(maxVusOf(planOf(closed({ vus: 7, iterations: 3 })))).toBe(7);
  });
});

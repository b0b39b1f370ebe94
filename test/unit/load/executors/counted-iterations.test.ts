import { describe, expect, it } from 'vitest';
import type { LoadConfig } from '../../../../src/scenarios/executors/index.ts';
import { range, runExecutor } from './ran.ts';

const counted = (
  executor: 'per-vu-iterations' | 'shared-iterations',
  vus: number,
  iterations: number,
): LoadConfig => ({ executor, vus, iterations, warmupMs: 0, gracefulStopMs: 0 });

/** The first virtual user of all is slow. */
const slowFirst = (vus: number) => (number: number) => (number % vus === 0 ? 100 : 1);

describe('per-vu-iterations', () => {
  it('gives every virtual user the same number of iterations, whatever the number of nodes', async () => {
    for (const nodes of [1, 2, 5]) {
      const ran = await runExecutor(counted('per-vu-iterations', 3, 7), { nodes, iterationMs: slowFirst(3) });
      expect(ran.numbers).toEqual(range(21));
      expect(ran.endedMs).toBe(700);
    }
  });

  it('ends at its duration at the latest', async () => {
    const ran = await runExecutor(counted('per-vu-iterations', 2, 100), { durationMs: 50 });
    expect(ran.numbers).toEqual(range(10));
  });
});

describe('shared-iterations', () => {
  it('does just so many, whatever the numbers of nodes and of virtual users', async () => {
    for (const nodes of [1, 2, 5])
      for (const [vus, iterations] of [
        [3, 21],
        [10, 4],
        [1, 9],
        [4, 1_001],
      ] as const) {
        const ran = await runExecutor(counted('shared-iterations', vus, iterations), { nodes });
        expect(ran.numbers).toEqual(range(iterations));
        expect(ran.peak).toBe(Math.min(vus, iterations));
      }
  });

  it('lets quick virtual users do what a slow one does not', async () => {
    const ran = await runExecutor(counted('shared-iterations', 2, 101), {
      iterationMs: (number) => (number === 0 ? 100 : 1),
    });
    expect(ran.numbers).toEqual(range(101));
    expect(ran.endedMs).toBe(100);
  });

  it('ends at its duration at the latest', async () => {
    const ran = await runExecutor(counted('shared-iterations', 2, 1_000), { durationMs: 50 });
    expect(ran.numbers).toEqual(range(10));
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowOrder } from '../../../../src/scenarios/feeders/row-order.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const setting = { rows: 10, vus: 3, seed: 1, index: 0 };

describe('the row of an iteration', () => {
  it('is the next one, and the first after the last, when sequential', () => {
    const rowOf = rowOrder({ order: 'sequential' }, setting);
    expect(range(12).map(rowOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  });

  it('at random belongs to seed, feeder and iteration alone, in any order of iterations', () => {
    const drawn = (changes: Partial<typeof setting>, iterations = range(50)) => {
      const rowOf = rowOrder({ order: 'random' }, { ...setting, rows: 1_000, ...changes });
      return new Map(iterations.map((iteration) => [iteration, rowOf(iteration)]));
    };
    const once = drawn({});
    expect(drawn({ vus: 9 }, range(50).toReversed())).toEqual(new Map(once.entries()));
    expect([...drawn({ seed: 2 }).values()]).not.toEqual([...once.values()]);
    expect([...drawn({ index: 1 }).values()]).not.toEqual([...once.values()]);
  });

  it('at random is any of them, each as often', () => {
    const rowOf = rowOrder({ order: 'random' }, setting);
    const times = range(10).map(() => 0);
    for (const iteration of range(10_000)) times[rowOf(iteration)]! += 1;
    expect(Math.min(...times)).toBeGreaterThan(850);
    expect(Math.max(...times)).toBeLessThan(1_150);
  });

  it('when unique is never one of another virtual user, and each comes before any comes again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat({ max: 60 }), fc.nat(), (vus, more, seed) => {
        const rows = vus + more;
        const rowOf = rowOrder({ order: 'unique' }, { rows, vus, seed, index: 0 });
        const owners = new Map<number, number>();
        for (const iteration of range(rows * 3)) {
          const row = rowOf(iteration);
          const vu = iteration % vus;
          expect(owners.get(row) ?? vu).toBe(vu);
          owners.set(row, vu);
        }
        expect(owners.size).toBe(rows);
        expect(new Set(range(rows).map(rowOf)).size).toBe(rows);
      }),
    );
  });
});

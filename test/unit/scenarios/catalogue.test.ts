import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { createCatalogue, type Popularity } from '../../../src/scenarios/catalogue.ts';

const DRAWS = 200_000;

const countPicks = (skus: number, popularity: Popularity): number[] => {
  const catalogue = createCatalogue({ skus, limitPerUser: 0, popularity });
  const random = new SeededRandom(42, skus);
  const counts = Array<number>(skus).fill(0);
  for (let draw = 0; draw < DRAWS; draw += 1) counts[catalogue.pick(random)]! += 1;
  return counts;
};

/** Pearson's statistic, in standard deviations of the chi-squared distribution from its mean. */
const deviations = (counts: readonly number[], weights: readonly number[]): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const statistic = counts.reduce((sum, count, index) => {
    const expected = (DRAWS * weights[index]!) / total;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const freedom = counts.length - 1;
  return Math.abs(statistic - freedom) / Math.sqrt(2 * freedom);
};

const zipfWeights = (skus: number, exponent: number) =>
  Array.from({ length: skus }, (_, index) => (index + 1) ** -exponent);

describe('the popularity of products', () => {
  it.each([
    [2, 0.99],
    [10, 0.01],
    [10, 0.5],
    [100, 0.99],
    [100, 1],
    [100, 1.000_001],
    [20, 2],
    [1_000, 0.99],
  ])('of %i products at exponent %f is that of Zipf', (skus, exponent) => {
    const counts = countPicks(skus, { kind: 'zipf', exponent });
    expect(deviations(counts, zipfWeights(skus, exponent))).toBeLessThan(4);
  });

  it('would not pass for a slightly different exponent', () => {
    const counts = countPicks(100, { kind: 'zipf', exponent: 0.99 });
    expect(deviations(counts, zipfWeights(100, 0.95))).toBeGreaterThan(4);
  });

  it('is even when it is uniform', () => {
    expect(deviations(countPicks(100, { kind: 'uniform' }), Array(100).fill(1))).toBeLessThan(4);
  });

  it.each([0.01, 0.99, 1, 10])('stays within the catalogue at exponent %f', (exponent) => {
    for (const skus of [1, 2, 1_000_000]) {
      const catalogue = createCatalogue({ skus, limitPerUser: 0, popularity: { kind: 'zipf', exponent } });
      for (const extreme of [0, 2 ** -32, 0.5, 1 - 2 ** -32]) {
        let first = true;
        // An extreme draw that is rejected is followed by chance.
        const chance = new SeededRandom(1);
        const random = {
          next: () => (first ? ((first = false), extreme) : chance.next()),
          integer: (below: number) => chance.integer(below),
        };
        const sku = catalogue.pick(random);
        expect(Number.isInteger(sku) && sku >= 0 && sku < skus).toBe(true);
      }
    }
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { isAbove, meanInterval } from '../../../src/measure/statistics.ts';

describe('the mean of rounds', () => {
  test('agrees with a worked example', () => {
    // Mean 10, standard deviation 1, five values: 10 ± 2.776 / √5.
    const { mean, low, high } = meanInterval([10, 9, 11, 10 + Math.SQRT1_2, 10 - Math.SQRT1_2]);
    expect(mean).toBeCloseTo(10);
    const deviation = Math.sqrt((1 + 1 + 0.5 + 0.5) / 4);
    expect(high).toBeCloseTo(10 + (2.776 * deviation) / Math.sqrt(5));
    expect(low).toBeCloseTo(10 - (2.776 * deviation) / Math.sqrt(5));
  });

  test('has no bounds when there is one value', () => {
    expect(meanInterval([7])).toEqual({ mean: 7, low: null, high: null });
  });

  test('has the true mean within its bounds some 95 times of 100', () => {
    const random = new SeededRandom(3);
    const normal = () => Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b, -6);
    let covered = 0;
    for (let repetition = 0; repetition < 4_000; repetition += 1) {
      const { low, high } = meanInterval(Array.from({ length: 5 }, normal));
      if (low! <= 0 && high! >= 0) covered += 1;
    }
    expect(covered / 4_000).toBeGreaterThan(0.935);
    expect(covered / 4_000).toBeLessThan(0.965);
  });

  test('is above another only when the intervals part', () => {
    expect(isAbove({ mean: 3, low: 2, high: 4 }, { mean: 1, low: 0, high: 1.9 })).toBe(true);
    expect(isAbove({ mean: 3, low: 1.5, high: 4 }, { mean: 1, low: 0, high: 1.9 })).toBe(false);
    expect(isAbove(meanInterval([9]), meanInterval([1]))).toBe(false);
  });

  test('lies within its values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const { mean } = meanInterval(values);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
        expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
      }),
    );
  });
});

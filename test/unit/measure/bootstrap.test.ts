import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { medianDifferenceInterval, medianInterval, noiseOfMedian } from '../../../src/measure/bootstrap.ts';
import { median, quantile } from '../../../src/measure/quantiles.ts';

const random = () => new SeededRandom(11);
const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 15 });

/** Every resample of a few values: the distribution that the bootstrap draws from. */
const allResamples = (of: readonly number[], count = of.length): number[][] =>
  count === 0 ? [[]] : allResamples(of, count - 1).flatMap((drawn) => of.map((value) => [...drawn, value]));

describe('the interval of a median', () => {
  test('agrees with the exact distribution of all resamples', () => {
    const of = [1, 2, 4, 8, 16];
    const medians = allResamples(of).map(median);
    const { low, high } = medianInterval(of, random());
    expect(low).toBe(quantile(medians, 0.025));
    expect(high).toBe(quantile(medians, 0.975));
  });

  test('lies within the values, around their median, and is the same again', () => {
    fc.assert(
      fc.property(values, (of) => {
        const { low, high } = medianInterval(of, random());
        expect(low).toBeGreaterThanOrEqual(Math.min(...of));
        expect(high).toBeLessThanOrEqual(Math.max(...of));
        expect(low).toBeLessThanOrEqual(median(of));
        expect(high).toBeGreaterThanOrEqual(median(of));
        expect(medianInterval(of, random())).toEqual({ low, high });
      }),
      { numRuns: 20 },
    );
  });

  test('covers the true median some 95 times of 100', () => {
    const chance = new SeededRandom(2);
    const normal = () => Array.from({ length: 12 }, () => chance.next()).reduce((a, b) => a + b, -6);
    let covered = 0;
    for (let repetition = 0; repetition < 100; repetition += 1) {
      const { low, high } = medianInterval(Array.from({ length: 15 }, normal), random());
      if (low <= 0 && high >= 0) covered += 1;
    }
    expect(covered / 100).toBeGreaterThan(0.85);
    expect(covered / 100).toBeLessThan(1);
  });
});

test('the interval of a difference of medians shifts with either sample', () => {
  const a = [3, 5, 9, 1, 4];
  const b = [2, 2, 7, 4];
  const { low, high } = medianDifferenceInterval(a, b, random());
  const shifted = medianDifferenceInterval(
    a.map((value) => value + 10),
    b,
    random(),
  );
  expect(shifted.low).toBeCloseTo(low + 10, 9);
  expect(shifted.high).toBeCloseTo(high + 10, 9);
  expect(low).toBeLessThan(median(a) - median(b));
  expect(high).toBeGreaterThan(median(a) - median(b));
});

test('the noise of a median grows with the values and shrinks with their number', () => {
  const of = [0.01, -0.02, 0.03, 0.015, -0.01];
  const seven = noiseOfMedian(of, 7, random());
  expect(
    noiseOfMedian(
      of.map((value) => 2 * value),
      7,
      random(),
    ),
  ).toBeCloseTo(2 * seven, 12);
  expect(noiseOfMedian(of, 15, random())).toBeLessThan(seven);
  expect(noiseOfMedian(of, 1, random())).toBe(0.03);
});

test('a quantile is a value or lies between two neighbours', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5);
  expect(quantile([7], 0.3)).toBe(7);
});

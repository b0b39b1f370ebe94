import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { permutationP, signFlipP } from '../../../src/measure/randomization.ts';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
/** Quarters add up exactly, so that the brute force has no rounding to worry about. */
const quarters = fc.integer({ min: -40, max: 40 }).map((value) => value / 4);

const allSigns = (count: number): number[][] =>
  count === 0
    ? [[]]
    : allSigns(count - 1).flatMap((signs) => [
        [...signs, 1],
        [...signs, -1],
      ]);

const allSplits = (values: readonly number[], count: number): [number[], number[]][] => {
  if (values.length === 0) return count === 0 ? [[[], []]] : [];
  const [first, ...rest] = values;
  return [
    ...allSplits(rest, count - 1).map(([a, b]): [number[], number[]] => [[first!, ...a], b]),
    ...allSplits(rest, count).map(([a, b]): [number[], number[]] => [a, [first!, ...b]]),
  ];
};

describe('the sign-flip test', () => {
  test('agrees with brute force over all signs', () => {
    fc.assert(
      fc.property(fc.array(quarters, { minLength: 1, maxLength: 8 }), (differences) => {
        const found = sum(differences);
        const sums = allSigns(differences.length).map((signs) =>
          sum(differences.map((value, index) => value * signs[index]!)),
        );
        const share = sums.filter((value) => value >= found).length / sums.length;
        expect(signFlipP(differences)).toBe(share);
      }),
    );
  });

  test('seven pairs that all point one way give 1/128, six 1/64', () => {
    expect(signFlipP([0.1, 0.2, 0.05, 0.11, 0.4, 0.02, 0.3])).toBe(1 / 128);
    expect(signFlipP([0.1, 0.2, 0.05, 0.11, 0.4, 0.02])).toBe(1 / 64);
  });

  test('keeps ties that rounding would break', () => {
    // In another order these sum to another last bit.
    expect(signFlipP([0.1, 0.2, 0.3, 0, 0, 0])).toBe(8 / 64);
  });

  test('is one-sided', () => expect(signFlipP([-1, -2, -3])).toBe(1));
});

describe('the permutation test', () => {
  const random = () => new SeededRandom(5);

  test('agrees with brute force over all splits', () => {
    const values = fc.array(quarters, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const difference = ([x, y]: [number[], number[]]) => mean(x) - mean(y);
        const found = mean(a) - mean(b);
        const splits = allSplits([...a, ...b], a.length);
        const share = splits.filter((split) => difference(split) >= found - 1e-9).length / splits.length;
        expect(permutationP(a, b, random())).toBeCloseTo(share, 12);
      }),
    );
  });

  test('of many values is drawn at random, never 0, and near the exact one', () => {
    const a = Array.from({ length: 15 }, (_, index) => index + 100);
    const b = Array.from({ length: 15 }, (_, index) => index);
    expect(permutationP(a, b, random())).toBe(1 / 10_001);
    expect(permutationP(b, b, random())).toBeGreaterThan(0.45);
    expect(permutationP(b, b, random())).toBeLessThan(0.56);
  });
});

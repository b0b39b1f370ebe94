import { assert } from '../kernel/assert.ts';
import type { Random } from '../kernel/random.ts';

/** Enumerating more than 2^15 sign patterns, or more than these splits, would take longer than it is worth. */
export const MAX_PAIRS = 15;
const MAX_SPLITS = 50_000;
const RANDOM_SPLITS = 10_000;
/** Sums of the same numbers in another order differ by rounding; a tie has to stay one. */
const TIE = 1e-9;

/**
 * The exact one-sided sign-flip test of paired differences (Fisher 1935): the share of all 2^n ways to sign them whose
 * mean is at least the one found. Small: their mean is above 0 by more than chance. 1 to 15 differences.
 */
export const signFlipP = (differences: readonly number[]): number => {
  const pairs = differences.length;
  assert(pairs >= 1 && pairs <= MAX_PAIRS, 'the sign-flip test takes 1 to 15 pairs');
  const least = leastSum(differences);
  let asLarge = 0;
  for (let signs = 0; signs < 2 ** pairs; signs += 1) {
    let sum = 0;
    for (let i = 0; i < pairs; i += 1) sum += (signs >> i) & 1 ? -differences[i]! : differences[i]!;
    if (sum >= least) asLarge += 1;
  }
  return asLarge / 2 ** pairs;
};

/**
 * The one-sided permutation test of two independent samples (Fisher 1935; Pitman 1937): the share of all ways to deal
 * the values into two groups of these sizes in which the first one's mean exceeds the other's by at least what was
 * found. Exact up to 50,000 ways; beyond, of 10,000 random ones, with the one found counted among them.
 */
export const permutationP = (a: readonly number[], b: readonly number[], random: Random): number => {
  const all = [...a, ...b];
  // For given values, the mean of `a` grows with its sum alone.
  const least = leastSum(a, all);
  if (splits(all.length, a.length) <= MAX_SPLITS) {
    let count = 0;
    let asLarge = 0;
    for (const sum of sumsOf(all, a.length)) {
      count += 1;
      if (sum >= least) asLarge += 1;
    }
    return asLarge / count;
  }
  let asLarge = 1;
  for (let i = 0; i < RANDOM_SPLITS; i += 1) if (randomSum(all, a.length, random) >= least) asLarge += 1;
  return asLarge / (RANDOM_SPLITS + 1);
};

const leastSum = (values: readonly number[], among = values): number => {
  const sizes = among.reduce((sum, value) => sum + Math.abs(value), 0);
  return values.reduce((sum, value) => sum + value, 0) - sizes * TIE;
};

/** n over k. */
const splits = (n: number, k: number): number => {
  let ways = 1;
  for (let i = 1; i <= k; i += 1) ways = (ways * (n - k + i)) / i;
  return ways;
};

/** The sum of every choice of `count` values. */
function* sumsOf(values: readonly number[], count: number, from = 0, sum = 0): Generator<number> {
  if (count === 0) {
    yield sum;
    return;
  }
  for (let i = from; i <= values.length - count; i += 1)
    yield* sumsOf(values, count - 1, i + 1, sum + values[i]!);
}

/** The sum of `count` values drawn without replacement: the begin of Fisher and Yates's shuffle. */
const randomSum = (values: readonly number[], count: number, random: Random): number => {
  const left = [...values];
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const other = i + random.integer(left.length - i);
    sum += left[other]!;
    left[other] = left[i]!;
  }
  return sum;
};

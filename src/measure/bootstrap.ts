import type { Random } from '../kernel/random.ts';
import { quantile, sortedQuantile } from './quantiles.ts';

/** Where something would lie in 95 of 100 repetitions. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 10_000;

/**
 * The 95 % interval of the values' median: the percentile bootstrap (Efron 1979). With few values it is somewhat too
 * narrow, so that nothing should be decided by it alone. At least one value.
 */
export const medianInterval = (values: readonly number[], random: Random): Range =>
  intervalOf(medianOfResamples(values, random));

/** The same of the difference of two independent samples' medians, `a` less `b`. */
export const medianDifferenceInterval = (
  a: readonly number[],
  b: readonly number[],
  random: Random,
): Range => {
  const [ofA, ofB] = [medianOfResamples(a, random), medianOfResamples(b, random)];
  return intervalOf(() => ofA() - ofB());
};

/**
 * How large the median of `count` values gets by chance, where there is nothing to be found: the 95th percentile of
 * its size over resamples of `values`, each with a random sign.
 */
export const noiseOfMedian = (values: readonly number[], count: number, random: Random): number => {
  const drawn = new Float64Array(count);
  const sizeOfMedian = () => {
    for (let i = 0; i < count; i += 1)
      insert(drawn, i, values[random.integer(values.length)]! * (random.next() < 0.5 ? 1 : -1));
    return Math.abs(sortedQuantile(drawn, 0.5));
  };
  return quantile(repeat(sizeOfMedian), 0.95);
};

const medianOfResamples = (values: readonly number[], random: Random): (() => number) => {
  const drawn = new Float64Array(values.length);
  return () => {
    for (let i = 0; i < drawn.length; i += 1) insert(drawn, i, values[random.integer(values.length)]!);
    return sortedQuantile(drawn, 0.5);
  };
};

/** Puts a value into its place among the first `count`, which are sorted: of so few, three times as fast as `sort`. */
const insert = (sorted: Float64Array, count: number, value: number): void => {
  let place = count;
  for (; place > 0 && sorted[place - 1]! > value; place -= 1) sorted[place] = sorted[place - 1]!;
  sorted[place] = value;
};

const intervalOf = (statistic: () => number): Range => {
  const sorted = repeat(statistic).toSorted();
  return { low: sortedQuantile(sorted, 0.025), high: sortedQuantile(sorted, 0.975) };
};

const repeat = (statistic: () => number): Float64Array => {
  const replicas = new Float64Array(RESAMPLES);
  for (let i = 0; i < RESAMPLES; i += 1) replicas[i] = statistic();
  return replicas;
};

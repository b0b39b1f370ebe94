/** A mean and where it would lie, in 95 of 100 repetitions; without bounds when there is one value only. */
export interface Interval {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Student's t, 97.5th percentile, for 1, 2, 3… degrees of freedom (any table of it). */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL_975 = 1.96;

/** The mean of independent rounds with its 95 % confidence interval (Student 1908). At least one value. */
export const meanInterval = (values: readonly number[]): Interval => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, low: null, high: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const t = T_975[values.length - 2] ?? NORMAL_975;
  const margin = t * Math.sqrt(variance / values.length);
  return { mean, low: mean - margin, high: mean + margin };
};

/** Whether all of `a` lies above all of `b`: only then is a better than b by more than the noise. */
export const isAbove = (a: Interval, b: Interval): boolean =>
  a.low !== null && b.high !== null && a.low > b.high;

/** Normal quantiles: of 80 % power, of a two-sided 95 % interval, and of 5 % over four metrics (Holm's first step). */
const Z = { power: 0.8416, interval: 1.96, test: 2.2414 };

/** Student's t quantile from the normal one (Abramowitz and Stegun 26.7.5): within 1 % from 4 degrees of freedom on. */
const studentT = (z: number, degrees: number): number => {
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((t, term, index) => t + term / degrees ** (index + 1), z);
};

/** The standard deviation, n - 1 in the denominator; 0 of a single value. */
export const deviation = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
};

/**
 * The smallest true change that a gate calls a regression 80 times of 100, as a log ratio: its mean must be told from 0
 * by the test, and from the margin by the interval. `spread` is the standard deviation of the pairs' log ratios.
 * An estimate for pairs that are distributed normally; 2 pairs at least.
 */
export const detectableEffect = (spread: number, pairs: number, margin: number): number => {
  const error = spread / Math.sqrt(pairs);
  const at = (z: number) => (studentT(z, pairs - 1) + studentT(Z.power, pairs - 1)) * error;
  return Math.max(at(Z.test), margin + at(Z.interval));
};

/** Pairs with which a gate tells twice the margin from no change, 80 times of 100; `undefined`: not within `most`. */
export const pairsNeeded = (
  spread: number,
  margin: number,
  least: number,
  most: number,
): number | undefined => {
  for (let pairs = least; pairs <= most; pairs += 1)
    if (detectableEffect(spread, pairs, margin) <= 2 * margin) return pairs;
  return undefined;
};

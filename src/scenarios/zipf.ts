import type { Random } from '../kernel/random.ts';

/** log(1 + x) / x, exact near 0 too. */
const log1pOverX = (x: number): number => (Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2 + (x * x) / 3);

/** (exp(x) - 1) / x, exact near 0 too. */
const expm1OverX = (x: number): number => (Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2 + (x * x) / 6);

/**
 * Draws a rank of 1..n with a probability in proportion to 1 / rank^exponent, without a table: constant time and
 * memory for any n. Rejection-inversion (W. Hörmann, G. Derflinger: "Rejection-inversion to generate variates from
 * monotone discrete distributions", ACM TOMACS 6(3), 1996), exact for every exponent above 0.
 */
export const zipfRanks = (n: number, exponent: number): ((random: Random) => number) => {
  const density = (x: number): number => Math.exp(-exponent * Math.log(x));
  /** The integral of the density, and its inverse. */
  const integral = (x: number): number => {
    const logX = Math.log(x);
    return expm1OverX((1 - exponent) * logX) * logX;
  };
  const integralInverse = (y: number): number => {
    // Rounding may bring the argument below -1, where the logarithm ends.
    const t = Math.max(-1, y * (1 - exponent));
    return Math.exp(log1pOverX(t) * y);
  };

  const first = integral(1.5) - 1;
  const last = integral(n + 0.5);
  const acceptWithin = 2 - integralInverse(integral(2.5) - density(2));
  return (random) => {
    for (;;) {
      const u = last + random.next() * (first - last);
      const x = integralInverse(u);
      const rank = Math.min(n, Math.max(1, Math.round(x)));
      if (rank - x <= acceptWithin || u >= integral(rank + 0.5) - density(rank)) return rank;
    }
  };
};

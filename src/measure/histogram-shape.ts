/**
 * High dynamic range histograms of durations in whole microseconds: 0 and 1 µs to 60 s, 3 significant digits.
 * All histograms of trade-sim have this one shape, so that any two of them merge without loss.
 */
export const LOWEST_US = 1;
export const HIGHEST_US = 60_000_000;
export const DIGITS = 3;

/** Values below SUB_BUCKETS have a count each; beyond, each further power of two has SUB_BUCKETS / 2 of them. */
const SUB_BUCKETS = 2 ** Math.ceil(Math.log2(2 * 10 ** DIGITS));
const HALF = SUB_BUCKETS / 2;
/** Counts of a histogram. */
export const COUNTS = (Math.floor(Math.log2(HIGHEST_US / HALF)) + 2) * HALF;

/** The lowest value in µs that falls into the count of this index. */
export const lowestValueAt = (index: number): number =>
  index < SUB_BUCKETS ? index : ((index % HALF) + HALF) * 2 ** (Math.floor(index / HALF) - 1);

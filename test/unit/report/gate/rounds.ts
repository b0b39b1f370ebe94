import type { SeededRandom } from '../../../../src/kernel/random.ts';
import type { GateFigures } from '../../../../src/report/gate/metrics.ts';
import type { Pair } from '../../../../src/report/gate/judge.ts';
import type { GateRound } from '../../../../src/report/gate/model.ts';

const BASE: GateFigures = { throughput: 1_000, p50: 2_000, p95: 8_000, p99: 20_000 };

/** Log-normal noise, as timings have it: `spread` is the standard deviation of the logarithm. */
const noisy = (value: number, spread: number, random: SeededRandom): number => {
  const normal = Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b, -6);
  return value * Math.exp(spread * normal);
};

/** A round of something `slowdown` slower, on a machine with some noise; the far percentile has three times as much. */
export const roundOf = (random: SeededRandom, spread: number, slowdown = 0): GateFigures => ({
  throughput: noisy(BASE.throughput / (1 + slowdown), spread, random),
  p50: noisy(BASE.p50 * (1 + slowdown), spread, random),
  p95: noisy(BASE.p95 * (1 + slowdown), 2 * spread, random),
  p99: noisy(BASE.p99 * (1 + slowdown), 3 * spread, random),
});

export const pairsOf = (count: number, random: SeededRandom, spread: number, slowdown = 0): Pair[] =>
  Array.from({ length: count }, () => ({
    base: roundOf(random, spread),
    candidate: roundOf(random, spread, slowdown),
  }));

export const asRound = (arm: GateRound['arm'], pair: number, figures: GateFigures): GateRound => ({
  arm,
  pair,
  runId: `${arm}${pair}`,
  ...figures,
  orders: 1_000,
  saturated: false,
});

import type { Random } from '../kernel/random.ts';
import type { Range } from './bootstrap.ts';
import { quantile } from './quantiles.ts';

/** What was reached on so many nodes, round by round. */
export interface Step {
  readonly nodes: number;
  /** Per second, each above 0. */
  readonly rates: readonly number[];
}

/** `X(N) = λN / (1 + σ(N−1) + κN(N−1))`, and how well it describes what was measured. */
export interface UslFit {
  /** What one node alone reaches, per second. */
  readonly lambda: number;
  /** Contention: the share of the work that only one node can do at a time. From 0. */
  readonly sigma: number;
  /** Coherence: what each pair of nodes costs to agree. From 0. */
  readonly kappa: number;
  /** Where more nodes no longer help. null: nowhere, as far as the fit says. */
  readonly peakNodes: number | null;
  /** 1: the curve goes through every step's mean. May be below 0. */
  readonly r2: number;
}

/** Fewer determine no curve. */
export const MIN_STEPS = 3;

export const uslRate = ({ lambda, sigma, kappa }: UslFit, nodes: number): number =>
  (lambda * nodes) / (1 + sigma * (nodes - 1) + kappa * nodes * (nodes - 1));

/**
 * Fits Gunther's Universal Scalability Law ("A General Theory of Computational Scalability Based on Rational
 * Functions", 2008) by least squares with σ, κ ≥ 0. It is linear in N/X = a + b(N−1) + cN(N−1), λ = 1/a, σ = b/a,
 * κ = c/a; the relative errors of N/X are made small. `undefined`: fewer than MIN_STEPS different node counts.
 */
export const fitUsl = (steps: readonly Step[]): UslFit | undefined => {
  if (new Set(steps.map(({ nodes }) => nodes)).size < MIN_STEPS) return undefined;
  const points = steps.flatMap(({ nodes, rates }) => rates.map((rate) => ({ nodes, rate })));
  const best = CANDIDATES.flatMap((terms) => solve(points, terms) ?? [])
    .filter(({ a, b, c }) => a > 0 && b >= 0 && c >= 0)
    .toSorted((x, y) => x.error - y.error)[0];
  if (best === undefined) return undefined;
  // Adding 0 makes a 0 of a -0, which would have a peak.
  const [lambda, sigma, kappa] = [1 / best.a, best.b / best.a + 0, best.c / best.a + 0];
  const fit = { lambda, sigma, kappa, peakNodes: peakOf(sigma, kappa), r2: 0 };
  return { ...fit, r2: r2Of(fit, steps) };
};

/** Where σ, κ and the peak would lie in 95 of 100 repetitions of the rounds. */
interface UslIntervals {
  readonly sigma: Range;
  readonly kappa: Range;
  /** null as its upper end: no peak in more than 1 of 40 repetitions. null: no peak in most of them. */
  readonly peakNodes: { readonly low: number; readonly high: number | null } | null;
}

const RESAMPLES = 1_000;

/**
 * Draws the rounds of each step anew (the percentile bootstrap, Efron 1979) and fits each such repetition.
 * `undefined`: there is no fit, or a step with one round, which says nothing about noise.
 */
export const uslIntervals = (steps: readonly Step[], random: Random): UslIntervals | undefined => {
  if (fitUsl(steps) === undefined || steps.some(({ rates }) => rates.length < 2)) return undefined;
  const fits = Array.from({ length: RESAMPLES }, () =>
    fitUsl(
      steps.map(({ nodes, rates }) => ({
        nodes,
        rates: rates.map(() => rates[random.integer(rates.length)]!),
      })),
    ),
  ).filter((fit) => fit !== undefined);
  const rangeOf = (of: (fit: UslFit) => number): Range => {
    const values = fits.map(of);
    return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
  };
  const peak = rangeOf(({ peakNodes }) => peakNodes ?? Number.MAX_VALUE);
  const isNone = (nodes: number) => nodes > MAX_PEAK;
  return {
    sigma: rangeOf(({ sigma }) => sigma),
    kappa: rangeOf(({ kappa }) => kappa),
    peakNodes: isNone(peak.low) ? null : { low: peak.low, high: isNone(peak.high) ? null : peak.high },
  };
};

/** Beyond any machine: what the fit says of it is noise. */
const MAX_PEAK = 1_000_000;

/** `sqrt((1−σ)/κ)`, at least one node. */
const peakOf = (sigma: number, kappa: number): number | null => {
  if (sigma >= 1) return 1;
  const nodes = Math.sqrt((1 - sigma) / kappa);
  return nodes > MAX_PEAK ? null : Math.max(1, nodes);
};

interface Point {
  readonly nodes: number;
  readonly rate: number;
}

interface Solution {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly error: number;
}

/** Which of a, b and c are free: of a least-squares problem with bounds, the best that keeps them is one of these. */
const CANDIDATES: readonly (readonly number[])[] = [[0, 1, 2], [0, 1], [0, 2], [0]];

/** Least squares over the free terms by the normal equations; each point weighs as its relative error. */
const solve = (points: readonly Point[], terms: readonly number[]): Solution | undefined => {
  // 1 = (a + b(N−1) + cN(N−1)) X/N, as near as may be.
  const rows = points.map(({ nodes, rate }) => {
    const weight = rate / nodes;
    return [weight, (nodes - 1) * weight, nodes * (nodes - 1) * weight];
  });
  const matrix = terms.map((i) => [
    ...terms.map((j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
    rows.reduce((sum, row) => sum + row[i]!, 0),
  ]);
  const found = eliminate(matrix);
  if (found === undefined) return undefined;
  const [a, b, c] = [0, 1, 2].map((term) => found[terms.indexOf(term)] ?? 0) as [number, number, number];
  const error = rows.reduce((sum, [x, y, z]) => sum + (1 - a * x! - b * y! - c * z!) ** 2, 0);
  return { a, b, c, error };
};

/** Solves linear equations, right sides in the last column, by Gauss's elimination with pivots. */
const eliminate = (matrix: readonly (readonly number[])[]): number[] | undefined => {
  const rows = matrix.map((row) => [...row]);
  for (let column = 0; column < rows.length; column += 1) {
    const pivot = rows.slice(column).toSorted((x, y) => Math.abs(y[column]!) - Math.abs(x[column]!))[0]!;
    if (pivot[column] === 0) return undefined;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = row[column]! / pivot[column]!;
      for (let i = column; i < row.length; i += 1) row[i]! -= factor * pivot[i]!;
    }
  }
  return rows.map((row, index) => row.at(-1)! / row[index]!);
};

const r2Of = (fit: UslFit, steps: readonly Step[]): number => {
  const means = steps.map(({ nodes, rates }) => ({
    nodes,
    mean: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
  }));
  const overall = means.reduce((sum, { mean }) => sum + mean, 0) / means.length;
  const residual = means.reduce((sum, { nodes, mean }) => sum + (mean - uslRate(fit, nodes)) ** 2, 0);
  const total = means.reduce((sum, { mean }) => sum + (mean - overall) ** 2, 0);
  // Where all means are the same, rounding errors must not be divided by each other.
  return 1 - residual / Math.max(total, 1e-12 * overall ** 2);
};

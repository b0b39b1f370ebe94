import type { Threshold } from '../scenarios/thresholds.ts';
import type { LatencySummary } from './summary.ts';

/** What thresholds are held to: the figures of a whole run, over all nodes. */
export interface Figures {
  /** By metric. */
  readonly latency: Readonly<Record<string, LatencySummary>>;
  readonly counters: Readonly<Record<string, number>>;
  /** How long the load lasted: what `rate` divides by. */
  readonly durationMs: number;
}

export interface ThresholdResult {
  readonly text: string;
  /** `unknown`: the run has no such figure. It is not a pass. */
  readonly verdict: 'passed' | 'failed' | 'unknown';
  /** In the unit of the threshold's limit: µs, a count, a number per second, or a part of 1. null: there is none. */
  readonly actual: number | null;
}

export const evaluateThresholds = (thresholds: readonly Threshold[], figures: Figures): ThresholdResult[] =>
  thresholds.map((threshold) => {
    const { text, comparison, limit } = threshold;
    const actual = actualOf(threshold, figures);
    if (actual === undefined) return { text, verdict: 'unknown', actual: null };
    return { text, verdict: HOLDS[comparison](actual, limit) ? 'passed' : 'failed', actual };
  });

const HOLDS: Readonly<Record<Threshold['comparison'], (actual: number, limit: number) => boolean>> = {
  '<': (actual, limit) => actual < limit,
  '<=': (actual, limit) => actual <= limit,
  '>': (actual, limit) => actual > limit,
  '>=': (actual, limit) => actual >= limit,
};

const actualOf = ({ metric, aggregate, of }: Threshold, figures: Figures): number | undefined => {
  const { latency, counters, durationMs } = figures;
  const count = counters[metric];
  if (aggregate === 'count') return count;
  if (aggregate === 'rate') return ratio(count, durationMs / 1_000);
  if (aggregate === 'share') return ratio(count, sum(of.map((name) => counters[name] ?? 0)));
  const summary = latency[metric];
  return summary === undefined || summary.count === 0 ? undefined : summary[aggregate];
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const ratio = (part: number | undefined, whole: number): number | undefined =>
  part === undefined || whole <= 0 ? undefined : part / whole;

import { decompress } from '../../measure/histogram.ts';
import { evaluateThreshold, isWorse } from '../../measure/thresholds.ts';
import { judgesWholeLoad, parseThreshold, type Threshold } from '../../scenarios/thresholds.ts';
import { countersOf } from '../counters.ts';
import type { Result } from '../model.ts';
import { seriesOf } from '../steps.ts';

type Found = Result['thresholds'][number];

/**
 * Judged anew over the figures of all runs; a count that results do not hold has no value: `unknown`. What looks at
 * the seconds of a load, or at the generator's own figures, cannot be judged anew: the worst of the runs counts.
 */
export const mergeThresholds = (
  results: readonly Result[],
  merged: Pick<Result, 'latency' | 'steps' | 'orders' | 'iterations' | 'cache' | 'lock' | 'queue' | 'run'>,
): Result['thresholds'] => {
  const [first] = results;
  if (first === undefined) return [];
  const figures = {
    histograms: Object.fromEntries(
      Object.entries(seriesOf(merged)).flatMap(([metric, { count, hdr }]) =>
        count > 0 ? [[metric, decompress(hdr)]] : [],
      ),
    ),
    counters: countersOf({ ...first, ...merged }),
    durationMs: merged.run.durationMs,
  };
  return first.thresholds.map(({ text }, index) => {
    const threshold = parseThreshold(text);
    return judgesWholeLoad(threshold) && !threshold.metric.startsWith('generator.')
      ? evaluateThreshold(threshold, figures)
      : worstOf(
          threshold,
          results.flatMap(({ thresholds }) => thresholds[index] ?? []),
        );
  });
};

/** Ends as the worst of them: by their verdicts, and then by how far they are from what is asked for. */
const worstOf = (threshold: Threshold, found: readonly Found[]): Found =>
  found.reduce((a, b) => {
    if (RANK[a.verdict] !== RANK[b.verdict]) return RANK[a.verdict] > RANK[b.verdict] ? a : b;
    return a.actual !== null && b.actual !== null && isWorse(threshold, b.actual, a.actual) ? b : a;
  });

const RANK = { passed: 0, unknown: 1, failed: 2 } as const;

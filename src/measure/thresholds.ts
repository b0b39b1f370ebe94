import { parseSeries, type Tags } from '../kernel/series.ts';
import type { Threshold } from '../scenarios/thresholds.ts';
import { mergeEncoded, withDecoded, type EncodedHistogram } from './histogram.ts';
import type { Snapshot } from './snapshot.ts';

/** What thresholds are held to: what was measured in some stretch of the load, over all nodes. */
export interface Figures extends Pick<Snapshot, 'histograms' | 'counters'> {
  /** How long the stretch is: what `rate` divides by. */
  readonly durationMs: number;
}

export interface ThresholdResult {
  readonly text: string;
  /** `unknown`: there is no such figure. It is not a pass. */
  readonly verdict: 'passed' | 'failed' | 'unknown';
  /**
   * In the unit of the threshold's limit: µs, a count, a number per second, or a part of 1. null: there is none.
   * Of windows, that of the worst one.
   */
  readonly actual: number | null;
  /** When the worst window ended, since the load began. */
  readonly windowEndMs?: number;
  /** When the miss ended the load, since it began. */
  readonly abortedAtMs?: number;
}

/** Holds a threshold to the figures of one stretch. */
export const evaluateThreshold = (threshold: Threshold, figures: Figures): ThresholdResult => {
  const { text } = threshold;
  const actual = actualOf(threshold, figures);
  if (actual === undefined) return { text, verdict: 'unknown', actual: null };
  return { text, verdict: holds(threshold, actual) ? 'passed' : 'failed', actual };
};

const holds = ({ comparison, limit }: Threshold, actual: number): boolean => {
  switch (comparison) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
  }
};

/** Whether `a` is further from what the threshold asks for than `b`. */
export const isWorse = ({ comparison }: Threshold, a: number, b: number): boolean =>
  comparison.startsWith('<') ? a > b : a < b;

const actualOf = (threshold: Threshold, figures: Figures): number | undefined => {
  const { aggregate, of } = threshold;
  const { counters, durationMs } = figures;
  if (isDuration(aggregate)) return durationOf(threshold, aggregate, figures);
  const count = countOf(threshold, figures);
  if (aggregate === 'count') return count;
  if (aggregate === 'rate') return ratio(count, durationMs / 1_000);
  return ratio(count, sum(of.map((name) => counters[name] ?? 0)));
};

type OfDuration = Exclude<Threshold['aggregate'], 'count' | 'rate' | 'share'>;

const isDuration = (aggregate: Threshold['aggregate']): aggregate is OfDuration =>
  aggregate !== 'count' && aggregate !== 'rate' && aggregate !== 'share';

/** How many durations there are, or a counter; `undefined` without either. */
const countOf = (threshold: Threshold, { histograms, counters }: Figures): number | undefined =>
  withSeries(threshold, histograms, (encoded) => withDecoded(encoded, ({ totalCount }) => totalCount)) ??
  counters[threshold.metric];

const durationOf = (
  threshold: Threshold,
  aggregate: OfDuration,
  { histograms }: Figures,
): number | undefined =>
  withSeries(threshold, histograms, (encoded) =>
    withDecoded(encoded, (histogram) => {
      switch (aggregate) {
        case 'percentile':
          return histogram.getValueAtPercentile(threshold.percentile!);
        case 'min':
          return histogram.getValueAtPercentile(0);
        case 'max':
          return histogram.maxValue;
        case 'total':
          return histogram.mean * histogram.totalCount;
        case 'mean':
          return histogram.mean;
      }
    }),
  );

/** Lends all series that the threshold is about, merged; `undefined` when they hold no value. */
const withSeries = <T>(
  { metric, tags }: Threshold,
  histograms: Figures['histograms'],
  use: (encoded: EncodedHistogram) => T,
): T | undefined => {
  const encodings = Object.entries(histograms).flatMap(([series, encoded]) =>
    isSeriesOf(series, metric, tags) ? [encoded] : [],
  );
  if (encodings.length === 0) return undefined;
  return use(encodings.length === 1 ? encodings[0]! : mergeEncoded(encodings));
};

const isSeriesOf = (series: string, metric: string, tags: Tags): boolean => {
  if (!series.startsWith(metric)) return false;
  const parsed = parseSeries(series);
  return parsed.metric === metric && Object.entries(tags).every(([tag, value]) => parsed.tags[tag] === value);
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const ratio = (part: number | undefined, whole: number): number | undefined =>
  part === undefined || whole <= 0 ? undefined : part / whole;

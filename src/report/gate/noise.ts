import { SeededRandom } from '../../kernel/random.ts';
import { noiseOfMedian } from '../../measure/bootstrap.ts';
import { deviation, pairsNeeded } from '../../measure/power.ts';
import { median } from '../../measure/quantiles.ts';
import { MAX_PAIRS } from '../../measure/randomization.ts';
import type { Pair } from './judge.ts';
import {
  changeOf,
  DEFAULT_MARGINS,
  GATE_METRICS,
  marginOf,
  worseBy,
  type GateMetric,
  type Margin,
} from './metrics.ts';

/** What a metric does here when nothing has changed. Shares are of the metric itself. */
export interface Noise {
  readonly metric: GateMetric;
  /** Standard deviation of the log ratio of a pair. */
  readonly spread: number;
  /** What the median of a gate's pairs does not exceed in 95 of 100 gates. */
  readonly effect95: number;
  /** Proposed: the default, or twice the above where that is more. */
  readonly margin: Margin;
  /** Pairs that tell twice the margin from no change, 80 times of 100. null: more than a gate runs. */
  readonly pairs: number | null;
}

/** Ours: a margin at the very edge of the noise would be crossed now and then. */
const SAFETY = 2;

/** Proposes margins from pairs of rounds of one and the same thing. 2 pairs at least. */
export const noiseOf = (pairs: readonly Pair[], gatePairs: number, seed: number): Noise[] =>
  GATE_METRICS.map((metric) => {
    const worse = pairs.map(({ base, candidate }) => worseBy(metric, base[metric], candidate[metric]));
    const spread = deviation(worse);
    const effect = noiseOfMedian(worse, gatePairs, new SeededRandom(seed));
    const { share, floorUs } = DEFAULT_MARGINS[metric];
    const wanted = Math.abs(changeOf(metric, SAFETY * effect));
    const margin = { share: Math.max(share, Math.ceil(wanted * 100) / 100), floorUs };
    const logMargin = marginOf(metric, margin, median(pairs.map(({ base }) => base[metric])));
    return {
      metric,
      spread,
      effect95: Math.abs(changeOf(metric, effect)),
      margin,
      pairs: pairsNeeded(spread, logMargin, gatePairs, MAX_PAIRS) ?? null,
    };
  });

/** `--margin throughput=5%,p50=7%,…`, to be copied. */
export const marginFlag = (noise: readonly Noise[]): string =>
  `--margin ${noise.map(({ metric, margin }) => `${metric}=${Math.round(margin.share * 100)}%`).join(',')}`;

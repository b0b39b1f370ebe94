import { usageError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { parseDuration } from '../../kernel/units.ts';

/** What a gate looks at, in the order it is shown. */
export const GATE_METRICS = ['throughput', 'p50', 'p95', 'p99'] as const;
export type GateMetric = (typeof GATE_METRICS)[number];

/** Orders that got a definite answer, per second; percentiles of order.latency in µs. */
export type GateFigures = Readonly<Record<GateMetric, number>>;

/** By how much the candidate is worse, as a log ratio: below 0, it is better. Both figures are above 0. */
export const worseBy = (metric: GateMetric, base: number, candidate: number): number =>
  metric === 'throughput' ? Math.log(base / candidate) : Math.log(candidate / base);

/** A log ratio of `worseBy` as the change of the figure itself: 0.05 is 5 % more. */
export const changeOf = (metric: GateMetric, worse: number): number =>
  metric === 'throughput' ? Math.expm1(-worse) : Math.expm1(worse);

/** How much worse is tolerated: a share of the base, and of a latency at least so many µs. */
export interface Margin {
  readonly share: number;
  readonly floorUs: number;
}
export type Margins = Readonly<Record<GateMetric, Margin>>;

/** Ours: what a user would not notice, and at the far percentile what a single pause makes of few orders. */
export const DEFAULT_MARGINS: Margins = {
  throughput: { share: 0.05, floorUs: 0 },
  p50: { share: 0.05, floorUs: 0 },
  p95: { share: 0.1, floorUs: 0 },
  p99: { share: 0.15, floorUs: 1_000 },
};

/** The margin as a log ratio in the sense of `worseBy`, given the base's figure. */
export const marginOf = (metric: GateMetric, { share, floorUs }: Margin, base: number): number =>
  metric === 'throughput' ? -Math.log1p(-share) : Math.log1p(Math.max(share, floorUs / base));

/** Reads `throughput=3%,p99=2ms` (given any number of times) over the default margins. */
export const parseMargins = (given: readonly string[]): Margins => {
  const margins = { ...DEFAULT_MARGINS };
  for (const text of given.flatMap((list) => list.split(','))) {
    const [name = '', value = ''] = text.split(/=(.*)/s);
    const metric = GATE_METRICS.find((known) => known === name.trim());
    if (metric === undefined)
      throw usageError(`--margin ${text}: there is no metric "${name}"`, didYouMean(name, GATE_METRICS));
    margins[metric] = { ...margins[metric], ...readMargin(metric, value.trim(), text) };
  }
  return margins;
};

const readMargin = (metric: GateMetric, value: string, text: string): Partial<Margin> => {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
  const most = metric === 'throughput' ? 99 : 1_000;
  if (percent !== undefined && Number(percent) > 0 && Number(percent) <= most)
    return { share: Number(percent) / 100 };
  if (percent === undefined && metric !== 'throughput' && value !== '')
    return { floorUs: parseDuration(value) * 1_000 };
  throw usageError(
    `--margin ${text} is no margin`,
    'Write a share above 0 %, of a latency also a time: throughput=3%, p99=15%, p99=2ms.',
  );
};

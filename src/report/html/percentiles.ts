import { withDecoded } from '../../measure/histogram.ts';
import type { Result } from '../model.ts';
import { printable } from '../text.ts';
import type { Chart } from './chart.ts';

/** p0, p20, p37.5, p50, p60, p66.7, p75, p80, p83.3 and p87.5; in the next decade p90, p92 and so on. */
const IN_A_DECADE = [1, 1.25, 1.6, 2, 2.5, 3, 4, 5, 6, 8];

/** A histogram and how many values it has. */
type Summary = Pick<Result['latency'][string], 'hdr' | 'count'>;

/** Odds against a slower value, 1 / (1 - quantile), from 1 (p0) to one value of `count`, in round percentiles. */
const oddsUpTo = (count: number): number[] => {
  const decades = Math.floor(Math.log10(count)) + 1;
  const round = Array.from({ length: decades }, (_, decade) =>
    IN_A_DECADE.map((odds) => odds * 10 ** decade),
  );
  return [...round.flat().filter((odds) => odds < count), count];
};

/** Where a metric has fewer values than the odds ask for, it says nothing: its maximum is not their percentile. */
const curveOf = ({ hdr, count }: Summary, odds: readonly number[]): (number | null)[] =>
  withDecoded(hdr, (histogram) =>
    odds.map((against) =>
      // Zero has no place on a log scale; nothing is faster than the unit of measure.
      against > count ? null : Math.max(1, histogram.getValueAtPercentile(100 - 100 / against)),
    ),
  );

/** Percentile curves, straight from the histograms, of those `metrics` that have values. `shown`: at first. */
export const percentileChart = (
  id: string,
  { latency }: { readonly latency: Readonly<Record<string, Summary>> },
  metrics: readonly string[],
  shown: readonly string[],
): Chart => {
  const measured = metrics.flatMap((metric) => {
    const summary = latency[metric];
    return summary === undefined || summary.count === 0
      ? []
      : [{ label: printable(metric), hidden: !shown.includes(metric), summary }];
  });
  const odds = oddsUpTo(Math.max(1, ...measured.map(({ summary }) => summary.count)));
  return {
    id,
    summary: `Percentile curves of ${measured.map(({ label }) => label).join(', ')}, both axes logarithmic.`,
    x: { label: 'percentile', unit: 'odds', values: odds },
    series: measured.map(({ label, hidden, summary }) => ({
      label,
      unit: 'micros',
      values: curveOf(summary, odds),
      hidden,
    })),
    marks: [],
  };
};

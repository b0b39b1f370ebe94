import { formatCount } from '../../../kernel/units.ts';
import { formatMicros, NONE } from '../../figures.ts';
import type { Result } from '../../model.ts';
import { stepCells, stepHeads } from '../../steps.ts';
import { type Chart, figure } from '../chart.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { percentileChart } from '../percentiles.ts';
import { dataTable, section } from '../table.ts';
import { aboveZero, columnOf, timeAxisOf } from '../timeline.ts';

type Summary = Result['latency'][string];

const latencyOverTimeChart = (result: Result): Chart => {
  const { p50, p99, count } = result.latency['order.latency'];
  return {
    id: 'latency-chart',
    summary:
      'Latency of an order over time' +
      (count === 0 ? '.' : `: over the whole load, p50 ${formatMicros(p50)} and p99 ${formatMicros(p99)}.`),
    x: timeAxisOf(result),
    series: [
      { label: 'p50', unit: 'micros', values: aboveZero(columnOf(result, 'p50')) },
      { label: 'p99', unit: 'micros', values: aboveZero(columnOf(result, 'p99')) },
    ],
    marks: [],
  };
};

const latencyPercentilesChart = (result: Result): Chart =>
  percentileChart('percentiles-chart', result, Object.keys(result.latency), ['order.latency']);

export const latencyOverTimeSection = (result: Result): Markup =>
  section(
    'latency',
    'Latency over time',
    'One call of place, from request to answer.',
    [figure(latencyOverTimeChart(result))],
    'half',
  );

export const percentilesSection = (result: Result): Markup =>
  section(
    'percentiles',
    'Percentiles',
    'From the whole histograms. Other stages are off at first: press their names.',
    [figure(latencyPercentilesChart(result))],
    'half',
  );

/** A stage from p50 to p99 (dark) and on to the maximum (light), on a log scale that all stages share. */
const spread = (summary: Summary, slowestUs: number): Markup => {
  const place = (micros: number) =>
    Math.round((Math.log10(Math.max(1, micros)) / Math.log10(Math.max(10, slowestUs))) * 1_000);
  const [p50, p99, max] = [place(summary.p50), place(summary.p99), place(summary.max)];
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
    <rect class="far" x="${p50}" width="${Math.max(4, max - p50)}" y="3" height="4"></rect>
    <rect x="${p50}" width="${Math.max(4, p99 - p50)}" height="10"></rect>
    <rect class="dot" x="${p50}" width="8" height="10"></rect>
  </svg>`;
};

/** A table of distributions: what names each, and its percentiles. */
const distributions = (
  id: string,
  heads: readonly string[],
  rows: readonly { readonly names: readonly string[]; readonly summary: Summary }[],
): Markup => {
  const slowestUs = Math.max(...rows.map(({ summary }) => summary.max));
  return dataTable(
    id,
    'The bar: p50 to p99, thin to the maximum, on one log scale from 1µs for all rows.',
    [...heads, '', 'count', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'],
    rows.map(({ names, summary }) =>
      summary.count === 0
        ? [...names, '', '0', ...Array<string>(6).fill(NONE)]
        : [
            ...names,
            spread(summary, slowestUs),
            formatCount(summary.count),
            ...(['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const).map((name) =>
              formatMicros(summary[name]),
            ),
          ],
    ),
  );
};

/** Where the time went: each stage's percentiles, and how far they are apart. */
export const stagesSection = ({ latency }: Result): Markup =>
  section('stages', 'Latency by stage', 'Where the time of an order and of an iteration went.', [
    distributions(
      'stages-caption',
      ['stage'],
      Object.entries(latency).map(([metric, summary]) => ({ names: [metric], summary })),
    ),
  ]);

/** What customers asked of the shop, by how it ended. */
export const stepsSection = (result: Result): Markup => {
  const { steps = [] } = result;
  if (steps.length === 0) return NOTHING;
  return section('steps', 'Latency by step', 'What customers asked of the shop, and how it ended.', [
    distributions(
      'steps-caption',
      stepHeads(result),
      steps.map((row) => ({ names: stepCells(result, row), summary: row.latency })),
    ),
  ]);
};

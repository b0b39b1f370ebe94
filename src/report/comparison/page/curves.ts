import { uslRate } from '../../../measure/usl.ts';
import { figure, type Chart, type Series } from '../../html/chart.ts';
import { html, type Markup, NOTHING } from '../../html/markup.ts';
import { percentileChart } from '../../html/percentiles.ts';
import { section } from '../../html/table.ts';
import type { Comparison, Scaling } from '../../comparison.ts';
import { printable } from '../../text.ts';
import { scalingWords } from '../wording.ts';
import type { Colored } from './interval-plot.ts';

/** More curves than this at once are a tangle; the others are a press away. */
const MAX_SHOWN = 8;

/** How latency is spread, from the merged histograms of each combination. */
export const latencySection = (arms: readonly Colored[]): Markup => {
  // Two may be called the same.
  const names = arms.map(({ arm }, index) => {
    const name = printable(arm.label) || 'as configured';
    return arms.findIndex(({ arm: other }) => other.label === arm.label) === index
      ? name
      : `${name} (${index + 1})`;
  });
  const latency = Object.fromEntries(arms.map(({ arm }, index) => [names[index]!, arm.orderLatency]));
  const chart = percentileChart('latency-chart', { latency }, names, names.slice(0, MAX_SHOWN));
  const colors = new Map(arms.map(({ color }, index) => [names[index]!, color]));
  const series = chart.series.map((one) => ({ ...one, color: colors.get(one.label) ?? 0 }));
  return section(
    'latency',
    'Order latency, percentiles',
    'From the whole histograms of all rounds, both axes logarithmic. Press a name to show or hide its curve.',
    [figure({ ...chart, series })],
  );
};

/** Points on the x axis between the fewest and the most nodes. */
const CURVE_POINTS = 60;
/** A peak this much further out than the most nodes is still drawn. */
const REACH = 2;

const scalingChart = (scalability: readonly Scaling[]): Chart => {
  const measured = scalability.flatMap(({ steps }) => steps.map(({ nodes }) => nodes));
  const [fewest, most] = [Math.min(...measured), Math.max(...measured)];
  const peaks = scalability.flatMap(({ fit }) => fit?.peakNodes ?? []);
  const end = Math.max(most, Math.min(most * REACH, Math.ceil(Math.max(0, ...peaks) * 1.1)));
  const values = [
    ...new Set([
      ...measured,
      ...Array.from(
        { length: CURVE_POINTS + 1 },
        (_, index) => fewest + ((end - fewest) * index) / CURVE_POINTS,
      ),
    ]),
  ].toSorted((a, b) => a - b);
  return {
    id: 'scalability-chart',
    summary: `Orders per second by the number of nodes, from ${fewest} to ${most}, as measured and as fitted.`,
    x: { label: 'nodes', unit: 'nodes', values },
    series: scalability.flatMap((scaling, color) => seriesOf(scaling, color, values)),
    marks: [],
  };
};

const seriesOf = ({ design, steps, fit }: Scaling, color: number, values: readonly number[]): Series[] => {
  const name = printable(design) || 'as configured';
  const meanAt = (nodes: number): number | null => {
    const step = steps.find((one) => one.nodes === nodes);
    return step ? step.rates.reduce((sum, rate) => sum + rate, 0) / step.rates.length : null;
  };
  const points: Series = { label: name, unit: 'perSecond', values: values.map(meanAt), dots: true, color };
  if (fit === null) return [points];
  const curve = values.map((nodes) => uslRate(fit, nodes));
  return [points, { label: `${name}, fitted`, unit: 'perSecond', values: curve, color }];
};

/** How each combination grows with its nodes, where these were varied. */
export const scalabilitySection = ({ scalability }: Comparison): Markup =>
  scalability.length === 0
    ? NOTHING
    : section(
        'scalability',
        'Scalability',
        html`Points: means of the rounds. Curves: the Universal Scalability Law X(N) = λN / (1 + σ(N−1) +
        κN(N−1)), fitted by least squares with σ, κ ≥ 0.`,
        [
          figure(scalingChart(scalability)),
          html`<ul>
            ${scalability.map(
              (one) => html`<li><b>${one.design || 'as configured'}</b>: ${scalingWords(one)}</li>`,
            )}
          </ul>`,
        ],
      );

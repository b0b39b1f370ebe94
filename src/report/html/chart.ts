import { formatDuration } from '../../kernel/units.ts';
import { formatMicros, formatPerSecond, formatRatio, formatUnits, NONE } from '../figures.ts';
import { html, json, type Markup } from './markup.ts';
import { dataTable } from './table.ts';

/** What the numbers of an axis or a series are; `odds`: 1 / (1 - quantile), so 100 is the 99th percentile. */
export type Unit = 'seconds' | 'odds' | 'nodes' | 'micros' | 'perSecond' | 'ratio' | 'units';

/** A chart as data: `charts.js` draws it, and a table beside it says the same. */
export interface Chart {
  readonly id: string;
  /** What is to be seen in it, in a sentence or two, for those who do not see it. */
  readonly summary: string;
  readonly x: { readonly label: string; readonly unit: Unit; readonly values: readonly number[] };
  readonly series: readonly Series[];
  /** Moments on the x axis that are worth a line. */
  readonly marks: readonly { readonly at: number; readonly label: string }[];
}

/** Units of the same kind share an axis: `perSecond` and `micros` on the left, `units` and `ratio` on the right. */
export interface Series {
  readonly label: string;
  readonly unit: Unit;
  /** As many as there are on the x axis; null: no value. */
  readonly values: readonly (number | null)[];
  /** Off until it is asked for. */
  readonly hidden?: boolean;
  /** Points alone: nothing is known between them. */
  readonly dots?: boolean;
  /** Its colour's number, from 0; without it, its place among the series. */
  readonly color?: number;
}

/** As many decimals as tell it from its neighbours. */
const percentile = (odds: number): string =>
  `p${Number((100 - 100 / odds).toFixed(Math.ceil(Math.log10(odds))))}`;

const FORMATS: Readonly<Record<Unit, (value: number) => string>> = {
  seconds: (seconds) => (seconds === 0 ? '0s' : formatDuration(seconds * 1_000)),
  odds: percentile,
  nodes: (nodes) => String(Number(nodes.toFixed(1))),
  micros: formatMicros,
  perSecond: formatPerSecond,
  ratio: formatRatio,
  units: formatUnits,
};

const MAX_TABLE_ROWS = 72;

/** Rows at equal distances, the last one always among them. */
const sampled = (rows: number): number[] => {
  const step = Math.ceil(rows / MAX_TABLE_ROWS);
  const first = (rows - 1) % step;
  return Array.from({ length: Math.ceil((rows - first) / step) }, (_, index) => first + index * step);
};

const tableOf = ({ id, x, series }: Chart): Markup => {
  const rows = sampled(x.values.length);
  const left = x.values.length - rows.length;
  return html`<details>
    <summary>The figures as a table</summary>
    ${dataTable(
      `${id}-table`,
      left > 0
        ? `${rows.length} of ${x.values.length} points; all are in the JSON and CSV forms.`
        : 'All points.',
      [x.label, ...series.map(({ label }) => label)],
      rows.map((row) => [
        FORMATS[x.unit](x.values[row]!),
        ...series.map(({ unit, values }) => {
          const value = values[row] ?? null;
          return value === null ? NONE : FORMATS[unit](value);
        }),
      ]),
    )}
  </details>`;
};

/** The place of a chart, its data, and its figures as a table. */
export const figure = (chart: Chart): Markup => {
  if (!chart.series.some(({ values }) => values.some((value) => value !== null)))
    return html`<p class="quiet">There are no figures for this chart.</p>`;
  return html`<figure>
    <div
      class="plot"
      id="${chart.id}"
      tabindex="0"
      role="group"
      aria-roledescription="chart"
      aria-label="${chart.summary}"
    >
      <p class="quiet">Charts need JavaScript; the table below has the figures.</p>
    </div>
    <script type="application/json">
      ${json(chart)}
    </script>
    ${tableOf(chart)}
  </figure>`;
};

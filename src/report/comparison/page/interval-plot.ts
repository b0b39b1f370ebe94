import type { Interval } from '../../../measure/statistics.ts';
import { html, type Markup, NOTHING } from '../../html/markup.ts';
import { dataTable, section } from '../../html/table.ts';
import type { Arm } from '../../comparison.ts';
import { formatRatio } from '../../figures.ts';
import { bestOf, type Figure } from '../columns.ts';
import { formatInterval } from '../wording.ts';

/** Combinations, each with the number of its colour, which is the same in every plot. */
export interface Colored {
  readonly arm: Arm;
  readonly color: number;
}

export const swatch = (color: number): Markup =>
  html`<span class="swatch key-${(color % 8) + 1}" aria-hidden="true"></span>`;

/** Units of the drawing: the axis is as long. */
const WIDTH = 1_000;
const MEAN_WIDTH = 12;
/** From this factor between the least and the most on, a log scale shows more. */
const LOG_FROM = 40;

/** Where values stand on an axis that all combinations share. */
const axisOf = (figure: Figure, intervals: readonly Interval[]) => {
  if (figure.format === formatRatio) return { words: 'from 0 to 100 %', place: (value: number) => value };
  const means = intervals.map(({ mean }) => mean).filter((mean) => mean > 0);
  const most = Math.max(...intervals.map(({ mean, high }) => high ?? mean));
  const least = Math.min(...means) / 2;
  if (Math.max(...means) / least >= LOG_FROM) {
    const place = (value: number) => (value <= least ? 0 : Math.log(value / least) / Math.log(most / least));
    return { words: `on a log scale from ${figure.format(least)} to ${figure.format(most)}`, place };
  }
  return {
    words: `from 0 to ${figure.format(most)}`,
    place: (value: number) => (most > 0 ? value / most : 0),
  };
};

const drawing = ({ mean, low, high }: Interval, color: number, place: (value: number) => number): Markup => {
  const at = (value: number) => Math.round(Math.min(1, Math.max(0, place(value))) * (WIDTH - MEAN_WIDTH));
  const [left, right] = [at(low ?? mean), at(high ?? mean)];
  return html`<svg
    class="interval key-${(color % 8) + 1}"
    viewBox="0 0 ${WIDTH} 16"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <rect class="axis" y="7" width="${WIDTH}" height="2"></rect>
    <rect class="range" x="${left}" y="4" width="${right - left + MEAN_WIDTH}" height="8"></rect>
    <rect class="mean" x="${at(mean)}" width="${MEAN_WIDTH}" height="16"></rect>
  </svg>`;
};

/** One figure of every combination: the mean over the rounds and its 95 % interval. */
export const intervalPlot = (id: string, figure: Figure, arms: readonly Colored[]): Markup => {
  const intervals = arms.flatMap(({ arm }) => figure.interval?.(arm) ?? []);
  if (intervals.length === 0) return NOTHING;
  const axis = axisOf(figure, intervals);
  const best = bestOf(
    arms.map(({ arm }) => arm),
    figure,
  );
  const rows = arms.map(({ arm, color }) => {
    const interval = figure.interval?.(arm) ?? null;
    return [
      html`${swatch(color)}${arm.label || 'as configured'}`,
      interval === null ? '' : drawing(interval, color, axis.place),
      html`${figure.format(interval?.mean ?? null)}${arm === best ? html` <span class="good">✔ best</span>` : NOTHING}`,
      formatInterval(interval, figure),
    ];
  });
  const gist =
    best === undefined
      ? 'None stands out: the intervals overlap, or there was one round.'
      : `Best: ${best.label}, clear of every other that held.`;
  return section(
    id,
    figure.title,
    gist,
    [
      html`<div class="wrapped">
        ${dataTable(
          `${id}-caption`,
          `Mean over the rounds and its 95 % interval, ${axis.words}; ${figure.better === 'high' ? 'more' : 'less'} is better.`,
          ['combination', '', 'mean', '95 %'],
          rows,
        )}
      </div>`,
    ],
    'half',
  );
};

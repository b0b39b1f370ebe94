import { formatCount, formatDuration } from '../kernel/units.ts';
import { formatMicros, formatRatio, formatUnits } from './figures.ts';
import { sparkline } from './sparkline.ts';
import { displayWidth, truncate } from './text.ts';

/** How the load goes at this moment. null: there is no such figure. */
export interface LiveFigures {
  readonly elapsedMs: number;
  /** null: the load ends by a count, not by time. */
  readonly totalMs: number | null;
  readonly iterationsPerSecond: number;
  readonly p99Us: number | null;
  readonly inFlight: number;
  readonly stockLeft: number | null;
  readonly cacheHitRatio: number | null;
  /** Events on their way to the ledger. */
  readonly queueDepth: number | null;
}

interface Series {
  readonly label: string;
  readonly value: (figures: LiveFigures) => number | null;
  readonly format: (value: number) => string;
  /** In a sentence, where there is one line only. */
  readonly phrase: (text: string) => string;
}

/** The most wanted first. */
const SERIES: readonly Series[] = [
  {
    label: 'iterations/s',
    value: ({ iterationsPerSecond }) => iterationsPerSecond,
    format: formatUnits,
    phrase: (text) => `${text} iterations/s`,
  },
  { label: 'p99', value: ({ p99Us }) => p99Us, format: formatMicros, phrase: (text) => `p99 ${text}` },
  {
    label: 'stock left',
    value: ({ stockLeft }) => stockLeft,
    format: formatUnits,
    phrase: (text) => `${text} in stock`,
  },
  {
    label: 'in flight',
    value: ({ inFlight }) => inFlight,
    format: formatCount,
    phrase: (text) => `${text} in flight`,
  },
  {
    label: 'queue depth',
    value: ({ queueDepth }) => queueDepth,
    format: formatUnits,
    phrase: (text) => `${text} queued`,
  },
  {
    label: 'cache hits',
    value: ({ cacheHitRatio }) => cacheHitRatio,
    format: formatRatio,
    phrase: (text) => `${text} cache hits`,
  },
];

const timeOf = ({ elapsedMs, totalMs }: LiveFigures): string =>
  `${formatDuration(elapsedMs)}${totalMs === null ? '' : ` of ${formatDuration(totalMs)}`}`;

/** The time and each figure that there is, as phrases. */
export const describeFigures = (figures: LiveFigures): string[] => [
  timeOf(figures),
  ...SERIES.flatMap(({ value, format, phrase }) => {
    const now = value(figures);
    return now === null ? [] : [phrase(format(now))];
  }),
];

/** As many of the phrases as fit on one line. */
export const fitOnLine = (phase: string, phrases: readonly string[], columns: number): string => {
  let line = truncate(phase, columns);
  for (const phrase of phrases) {
    const longer = `${line} · ${phrase}`;
    if (displayWidth(longer) > columns) break;
    line = longer;
  }
  return line;
};

const LABEL_COLUMNS = 12;
const VALUE_COLUMNS = 9;
const GAP = '  ';
const NARROWEST_CELL = 38;
/** Figures side by side: more would be hard to read. */
const MOST_CELLS = 3;

/**
 * The phase and the time on one line; below it each figure that was ever seen, with its course, in as many columns
 * as there is room for. No line is wider than `columns`, which are 38 or more. `course`: the oldest first, not empty.
 */
export const liveLines = (phase: string, course: readonly LiveFigures[], columns: number): string[] => {
  const cells = Math.min(MOST_CELLS, Math.floor((columns + GAP.length) / (NARROWEST_CELL + GAP.length)));
  const cellColumns = Math.floor((columns + GAP.length) / cells) - GAP.length;
  const seen = SERIES.filter(({ value }) => course.some((figures) => value(figures) !== null));
  const drawn = seen.map((series) => drawCell(series, course, cellColumns));
  const lines = Array.from({ length: Math.ceil(drawn.length / cells) }, (_, line) =>
    drawn.slice(line * cells, (line + 1) * cells).join(GAP),
  );
  return [fitOnLine(phase, [timeOf(course.at(-1)!)], columns), ...lines];
};

const drawCell = ({ label, value, format }: Series, course: readonly LiveFigures[], columns: number) => {
  const values = course.map(value);
  const now = values.at(-1) ?? null;
  const text = now === null ? '–' : format(now);
  const figures = `${label.padEnd(LABEL_COLUMNS)} ${text.padStart(VALUE_COLUMNS)} `;
  return figures + sparkline(values, columns - figures.length);
};

import { styleText } from 'node:util';
import Table from 'cli-table3';
import { displayWidth, wrap } from './text.ts';

/** The tables need this much. */
const MIN_COLUMNS = 80;
/** Longer lines are harder to read, not easier. */
const MAX_COLUMNS = 100;
const INDENT = '  ';

const STYLES = {
  good: ['bold', 'green'],
  bad: ['bold', 'red'],
  doubtful: ['bold', 'yellow'],
  strong: ['bold'],
  quiet: ['dim'],
} satisfies Record<string, Parameters<typeof styleText>[0]>;
export type Tone = keyof typeof STYLES;

/** What a section of the report is laid out on. */
export interface Page {
  /** Columns, 80 to 100. No line is longer. */
  readonly width: number;
  paint(tone: Tone, text: string): string;
}

export const newPage = (columns: number, color: boolean): Page => ({
  width: Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS),
  // The caller has decided on colour; Node's own look at its stdout must not overrule it.
  paint: (tone, text) => (color ? styleText(STYLES[tone], text, { validateStream: false }) : text),
});

/** A section's first line: its name, and in the same breath what there is to know of it. */
export const heading = (page: Page, title: string, gist = ''): string =>
  `${page.paint('strong', title)}${gist === '' ? '' : `  ${gist}`}`;

/** `text` broken into lines, each after `indent`, the first after `lead` instead. */
export const paragraph = (page: Page, text: string, lead = INDENT, indent = lead): string[] =>
  wrap(text, page.width - displayWidth(indent)).map((line, index) => `${index === 0 ? lead : indent}${line}`);

/** Items in a row, ` · ` between them; a line ends between two items, so that none is torn apart. */
const flow = (items: readonly string[], columns: number): string[] => {
  const lines: string[] = [];
  for (const item of items) {
    const longer = lines.length === 0 ? item : `${lines.at(-1)} · ${item}`;
    if (displayWidth(longer) > columns) lines.push(...wrap(item, columns));
    else lines.splice(-1, 1, longer);
  }
  return lines;
};

/** Items in a row as indented lines. */
export const flowing = (page: Page, items: readonly string[]): string[] =>
  flow(items, page.width - INDENT.length).map((line) => `${INDENT}${line}`);

export interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
  /** Columns of the terminal; without it as wide as the widest cell. */
  readonly width?: number;
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/**
 * A row with cells of several lines as several rows of one line each: they look the same, and cli-table3 takes
 * a hundred times longer over the former.
 */
const singleLineRows = (row: readonly string[]): string[][] => {
  const cells = row.map((cell) => cell.split('\n'));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => cells.map((lines) => lines[line] ?? ''));
};

/** An indented table without borders. Cells come painted and broken into lines that fit. */
export const table = (
  page: Page,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] => {
  const grid = new Table({
    chars: NO_BORDERS,
    style: { 'padding-left': 2, 'padding-right': 0, head: [], border: [], compact: true },
    head: columns.some(({ head }) => head !== '') ? columns.map(({ head }) => page.paint('quiet', head)) : [],
    colAligns: columns.map(({ align }) => align),
    colWidths: columns.map(({ width }) => width ?? null),
  });
  grid.push(...rows.flatMap(singleLineRows));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
};

/** Labels, each with its items beside it. */
export const labelled = (
  page: Page,
  entries: readonly (readonly [label: string, items: readonly string[]])[],
): string[] => {
  const labelColumns = Math.max(...entries.map(([label]) => label.length)) + 2;
  const itemColumns = page.width - labelColumns;
  return table(
    page,
    [labelColumns, itemColumns].map((width) => ({ head: '', align: 'left', width })),
    entries.map(([label, items]) => [label, flow(items, itemColumns - 2).join('\n')]),
  );
};

/** The first `limit` items, each after `lead`, and a line that says how many more there are. */
export const bounded = (items: readonly string[], limit: number, lead = ''): string[] => [
  ...items.slice(0, limit).map((item) => `${lead}${item}`),
  ...(items.length > limit ? [`… and ${items.length - limit} more: see --json`] : []),
];

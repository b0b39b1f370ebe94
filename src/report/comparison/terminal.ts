import { SERVICE_LABELS, SERVICE_NAMES } from '../../services/types.ts';
import type { Arm, Comparison } from '../comparison.ts';
import { flowing, heading, newPage, paragraph, table, type Column, type Page } from '../layout.ts';
import { displayWidth, printable, wrap } from '../text.ts';
import { bestOf, FIGURES, sortArms, type Figure } from './columns.ts';
import {
  CRITERIA,
  DECISION_NOTES,
  decisionCells,
  formatInterval,
  gistOf,
  remarksOf,
  scalingWords,
  titleOf,
} from './wording.ts';

const MAX_REMARKS = 12;

/** The comparison for a person: what each combination is worth, and which of them were not even right. */
export const renderComparison = (
  comparison: Comparison,
  options: { readonly columns: number; readonly color: boolean; readonly sort: string },
): string => {
  const page = newPage(options.columns, options.color);
  const arms = sortArms(comparison.arms, options.sort);
  const sections = [
    opening(page, comparison),
    [
      heading(page, 'Speed', 'orders answered per second, with the 95 % interval over the rounds'),
      ...speed(page, arms),
    ],
    [heading(page, 'Right'), ...rightness(page, arms)],
    [heading(page, 'Cache'), ...figureTable(page, arms, [FIGURES.hits, FIGURES.loads, FIGURES.peak])],
    [
      heading(page, 'Cost', 'per order, browsing included'),
      ...figureTable(page, arms, [FIGURES.commands, FIGURES.messages, FIGURES.transactions, FIGURES.cpu]),
    ],
    scalability(page, comparison),
    [heading(page, 'Decision', 'the five criteria'), ...decision(page, comparison)],
    notes(page),
  ].filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const opening = (page: Page, comparison: Comparison): string[] => {
  const { seed, environment, services } = comparison;
  const remarks = remarksOf(comparison);
  return [
    heading(page, printable(titleOf(comparison)), gistOf(comparison)),
    ...remarks.slice(0, MAX_REMARKS).flatMap(({ tone, text }) => {
      const lines = paragraph(page, printable(text));
      return tone === undefined ? lines : lines.map((line) => page.paint(tone, line));
    }),
    ...(remarks.length > MAX_REMARKS ? [`  … and ${remarks.length - MAX_REMARKS} more: see --json`] : []),
    ...flowing(page, [`seed ${seed}`, `${environment.cpu}, ${environment.cores} cores`]),
    ...flowing(
      page,
      SERVICE_NAMES.map(
        (name) => `${SERVICE_LABELS[name]} ${services[name].version} (${services[name].origin})`,
      ),
    ),
  ];
};

const MARK = ' *';

/** A figure's cell, marked where it is the best. */
const cellsOf = (arms: readonly Arm[], figures: readonly Figure[]) => {
  const best = figures.map((figure) => bestOf(arms, figure));
  return (arm: Arm): string[] =>
    figures.map((figure, i) => figure.format(figure.value(arm)) + (best[i] === arm ? MARK : ''));
};

const columnOf = ({ head }: { readonly head: string }): Column => ({ head, align: 'right' });

const figureTable = (page: Page, arms: readonly Arm[], figures: readonly Figure[]): string[] =>
  labelled(page, arms.map(labelOf), figures.map(columnOf), arms.map(cellsOf(arms, figures)));

const labelOf = ({ label }: { readonly label: string }): string => printable(label);

const speed = (page: Page, arms: readonly Arm[]): string[] => {
  const figures = [FIGURES.orders, FIGURES.p50, FIGURES.p99, FIGURES.wait];
  const cells = cellsOf(arms, figures);
  const [orders, ...others] = figures.map(columnOf);
  return labelled(
    page,
    arms.map(labelOf),
    [orders!, { head: '95 %', align: 'right' }, ...others],
    arms.map((arm) => cells(arm).toSpliced(1, 0, formatInterval(arm.ordersPerSecond, FIGURES.orders))),
  );
};

const rightness = (page: Page, arms: readonly Arm[]): string[] => {
  const figures = [FIGURES.oversold, FIGURES.contended, FIGURES.bound];
  const cells = cellsOf(arms, figures);
  return labelled(
    page,
    arms.map(labelOf),
    [{ head: 'verdict', align: 'left' }, ...figures.map(columnOf)],
    arms.map((arm) => [page.paint(toneOf(arm), arm.verdict), ...cells(arm)]),
  );
};

const toneOf = ({ verdict }: Arm) =>
  verdict === 'passed' ? 'good' : verdict === 'violated' ? 'bad' : 'doubtful';

const scalability = (page: Page, comparison: Comparison): string[] =>
  comparison.scalability.length === 0
    ? []
    : [
        heading(page, 'Scalability', 'Universal Scalability Law over the numbers of nodes'),
        ...comparison.scalability.flatMap((scaling) =>
          paragraph(
            page,
            printable(`${scaling.design || 'as configured'}: ${scalingWords(scaling)}`),
            '  ',
            '    ',
          ),
        ),
      ];

/** Each row under its label, which has a line of its own: five columns leave it no room. */
const decision = (page: Page, { decision: rows }: Comparison): string[] => {
  const cells = rows.map(decisionCells);
  const [heads, ...lines] = table(
    page,
    CRITERIA.map((head) => ({ head, align: 'left' })),
    cells.map((row) => row.map((texts) => texts.join('\n'))),
  );
  return [
    heads!,
    ...rows.flatMap(({ design }, index) => [
      ...paragraph(page, printable(design) || 'as configured').map((line) => page.paint('strong', line)),
      ...lines.splice(0, Math.max(...cells[index]!.map((texts) => texts.length))),
    ]),
  ];
};

const GAP = 2;

/** A row for each label, which is broken into lines where the figures leave too little room for it. */
const labelled = (
  page: Page,
  labels: readonly string[],
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] => {
  const figures = columns.map(({ head }, i) =>
    Math.max(...[head, ...rows.map((row) => row[i]!)].map(displayWidth)),
  );
  const room = page.width - GAP - figures.reduce((sum, width) => sum + width + GAP, 0);
  return table(
    page,
    [{ head: 'combination', align: 'left' }, ...columns],
    rows.map((row, i) => [wrap(labels[i]!, room).join('\n'), ...row]),
  );
};

const notes = (page: Page): string[] =>
  [
    '* better than every other that held, by more than the noise. wait: for the lock. of bound: of what one lock can serve. loads/expiry: cache loads for each life of an entry that was over; 1 is ideal.',
    ...DECISION_NOTES,
  ].flatMap((note) => paragraph(page, note));

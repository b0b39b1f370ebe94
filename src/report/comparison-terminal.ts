import { SERVICE_LABELS, SERVICE_NAMES } from '../services/types.ts';
import { isAbove, type Interval } from '../measure/statistics.ts';
import { formatCount } from '../kernel/units.ts';
import type { Arm, Comparison } from './comparison.ts';
import { formatMicros, formatRatio, formatUnits, NONE } from './figures.ts';
import { flowing, heading, newPage, paragraph, table, type Column, type Page } from './layout.ts';
import { displayWidth, printable, wrap } from './text.ts';

/** The comparison for a person: what each combination is worth, and which of them were not even right. */
export const renderComparison = (
  comparison: Comparison,
  options: { readonly columns: number; readonly color: boolean; readonly sort: SortKey },
): string => {
  const page = newPage(options.columns, options.color);
  const arms = comparison.arms.toSorted(SORTS[options.sort]);
  const { scenario, rounds, seed, environment, services } = comparison;
  const wrong = arms.filter(({ verdict }) => verdict === 'violated').length;
  const gist = wrong === 0 ? 'all of them held' : `${wrong} of ${arms.length} violated an invariant`;
  const sections = [
    [
      heading(page, `${printable(scenario)}: ${arms.length} combinations, ${rounds} rounds each`, gist),
      ...flowing(page, [`seed ${seed}`, `${environment.cpu}, ${environment.cores} cores`]),
      ...flowing(
        page,
        SERVICE_NAMES.map(
          (name) => `${SERVICE_LABELS[name]} ${services[name].version} (${services[name].origin})`,
        ),
      ),
    ],
    [
      heading(page, 'Speed', 'orders answered per second, with the 95 % interval over the rounds'),
      ...speed(page, arms),
    ],
    [heading(page, 'Right'), ...rightness(page, arms)],
    [heading(page, 'Cost', 'per order, browsing included'), ...cost(page, arms)],
    verdictNote(page, arms, comparison.interrupted),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

export const SORTS = {
  orders: (a: Arm, b: Arm) => b.ordersPerSecond.mean - a.ordersPerSecond.mean,
  p99: (a: Arm, b: Arm) => a.p99Us - b.p99Us,
  name: (a: Arm, b: Arm) => labelOf(a).localeCompare(labelOf(b)),
};
export type SortKey = keyof typeof SORTS;

const labelOf = ({ choices }: Arm): string => printable(Object.values(choices).join(' · '));

const MARK = ' *';

const speed = (page: Page, arms: readonly Arm[]): string[] => {
  const fastest = bestOf(arms, ({ ordersPerSecond }) => ordersPerSecond);
  const quickest = bestOf(arms, ({ p99UsByRound: { mean, low, high } }) => ({
    mean: -mean,
    low: high === null ? null : -high,
    high: low === null ? null : -low,
  }));
  return armTable(
    page,
    arms,
    [
      { head: 'orders/s', align: 'right' },
      { head: '95 %', align: 'right' },
      { head: 'p50', align: 'right' },
      { head: 'p99', align: 'right' },
      { head: 'wait p99', align: 'right' },
    ],
    (arm) => [
      formatCount(arm.ordersPerSecond.mean) + (arm === fastest ? MARK : ''),
      formatInterval(arm.ordersPerSecond),
      formatMicros(arm.p50Us),
      formatMicros(arm.p99Us) + (arm === quickest ? MARK : ''),
      formatMicros(arm.lockWaitP99Us),
    ],
  );
};

const formatInterval = ({ low, high }: Interval): string =>
  low === null || high === null ? NONE : `${formatCount(Math.max(0, low))}–${formatCount(high)}`;

/** The one that is above all others by more than the noise; there may be none. */
const bestOf = (arms: readonly Arm[], figure: (arm: Arm) => Interval): Arm | undefined =>
  arms.find(
    (arm) => arms.length > 1 && arms.every((other) => other === arm || isAbove(figure(arm), figure(other))),
  );

const rightness = (page: Page, arms: readonly Arm[]): string[] =>
  armTable(
    page,
    arms,
    [
      { head: 'verdict', align: 'left' },
      { head: 'oversold', align: 'right' },
      { head: 'contended', align: 'right' },
      { head: 'of bound', align: 'right' },
      { head: 'hits', align: 'right' },
    ],
    (arm) => [
      page.paint(
        arm.verdict === 'passed' ? 'good' : arm.verdict === 'violated' ? 'bad' : 'doubtful',
        arm.verdict,
      ),
      formatUnits(arm.oversoldUnits),
      formatRatio(arm.contendedRatio),
      formatRatio(arm.serialBoundRatio),
      formatRatio(arm.hitRatio),
    ],
  );

const cost = (page: Page, arms: readonly Arm[]): string[] =>
  armTable(
    page,
    arms,
    ['Redis commands', 'messages', 'transactions', 'CPU ms'].map((head) => ({ head, align: 'right' })),
    (arm) =>
      [arm.redisCommandsPerOrder, arm.messagesPerOrder, arm.transactionsPerOrder, arm.cpuMsPerOrder].map(
        (figure) => figure?.toFixed(2) ?? NONE,
      ),
  );

const GAP = 2;

/** A row for each arm, its label first: broken into lines where the figures leave too little room for it. */
const armTable = (
  page: Page,
  arms: readonly Arm[],
  columns: readonly Column[],
  cellsOf: (arm: Arm) => readonly string[],
): string[] => {
  const rows = arms.map(cellsOf);
  const figures = columns.map(({ head }, i) =>
    Math.max(...[head, ...rows.map((row) => row[i]!)].map(displayWidth)),
  );
  const room = page.width - GAP - figures.reduce((sum, width) => sum + width + GAP, 0);
  return table(
    page,
    [{ head: 'combination', align: 'left' }, ...columns],
    rows.map((row, i) => [wrap(labelOf(arms[i]!), room).join('\n'), ...row]),
  );
};

const verdictNote = (page: Page, arms: readonly Arm[], interrupted: boolean): string[] => [
  ...paragraph(
    page,
    '* better than every other by more than the noise. wait: for the lock. of bound: of what one lock can serve.',
  ),
  ...arms
    .filter(({ verdict }) => verdict !== 'passed')
    .slice(0, 10)
    .flatMap((arm) => paragraph(page, `${labelOf(arm)}: ${printable(arm.reasons[0] ?? arm.verdict)}`)),
  ...(interrupted ? paragraph(page, 'Interrupted: not every round was run.') : []),
];

import { formatCount, formatDuration } from '../../kernel/units.ts';
import { formatNumberOf, formatPerSecond, formatRatio } from '../figures.ts';
import { bounded, flowing, heading, type Page, paragraph, table } from '../layout.ts';
import type { Result } from '../model.ts';
import { remark } from '../text.ts';
import { OUTCOMES } from '../wording.ts';

const BAR_COLUMNS = 30;
const MAX_FAILURES = 5;

/** A share as a bar: anything above nothing is seen. */
const bar = (share: number): string =>
  share === 0 ? '' : '█'.repeat(Math.round(share * BAR_COLUMNS)) || '▏';

const asides = ({ orders, iterations }: Result): string[] => [
  ...(orders.soldOutAtMs === null ? [] : [`first sold out after ${formatDuration(orders.soldOutAtMs)}`]),
  ...(orders.paid + orders.cancelled === 0
    ? []
    : [`${formatCount(orders.paid)} paid, ${formatCount(orders.cancelled)} cancelled later`]),
  `${formatNumberOf(iterations.completed, 'iteration')}, ${formatPerSecond(iterations.perSecond)}`,
  ...(iterations.failed === 0 ? [] : [`${formatNumberOf(iterations.failed, 'iteration')} failed`]),
  ...(iterations.dropped === 0 ? [] : [`${formatNumberOf(iterations.dropped, 'iteration')} dropped`]),
];

/** How the attempts to place an order ended. */
export const ordersSection = (result: Result, page: Page): string[] => {
  const { orders } = result;
  const rows = OUTCOMES.map(({ outcome, label, tone }) => {
    const count = orders[outcome];
    const share = orders.attempted === 0 ? 0 : count / orders.attempted;
    const figures = [label, formatCount(count), formatRatio(share), bar(share)];
    return tone === undefined || count === 0 ? figures : figures.map((figure) => page.paint(tone, figure));
  });
  const failures = result.failures.map(
    ({ outcome, reason, count }) => `${outcome}: ${remark(reason)} (${formatCount(count)})`,
  );
  return [
    heading(
      page,
      'Orders',
      `${formatCount(orders.attempted)} attempted, ${formatPerSecond(orders.attemptedPerSecond)};` +
        ` ${formatCount(orders.accepted)} accepted, ${formatPerSecond(orders.acceptedPerSecond)}`,
    ),
    ...table(
      page,
      [
        { head: '', align: 'left' },
        { head: '', align: 'right' },
        { head: '', align: 'right' },
        { head: '', align: 'left' },
      ],
      rows,
    ),
    ...flowing(page, asides(result)),
    ...bounded(failures, MAX_FAILURES, '- ').flatMap((failure) => paragraph(page, failure, '  ', '    ')),
  ];
};

import { formatCount, formatDuration } from '../../../kernel/units.ts';
import { formatNumberOf, formatPerSecond, formatRatio } from '../../figures.ts';
import type { Result } from '../../model.ts';
import { OUTCOMES } from '../../wording.ts';
import { type Chart, figure } from '../chart.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { bar, dataTable, facts, section, toned } from '../table.ts';
import { columnOf, perSecondOf, timeAxisOf } from '../timeline.ts';

/** Orders and iterations per second, with the stock that is left and the moment it was first too little. */
const ordersChart = (result: Result): Chart => {
  const { orders, stockTotal } = result;
  const soldOut = orders.soldOutAtMs;
  return {
    id: 'orders-chart',
    summary:
      `Orders over time: ${formatPerSecond(orders.acceptedPerSecond)} accepted on average, ` +
      `${formatNumberOf(stockTotal.initial, 'unit')} in stock at first; ` +
      (soldOut === null ? 'not sold out.' : `first sold out after ${formatDuration(soldOut)}.`),
    x: timeAxisOf(result),
    series: [
      { label: 'accepted', unit: 'perSecond', values: perSecondOf(result, 'accepted') },
      { label: 'iterations', unit: 'perSecond', values: perSecondOf(result, 'iterations'), hidden: true },
      { label: 'stock left', unit: 'units', values: columnOf(result, 'stockLeft', stockTotal.initial) },
    ],
    marks: soldOut === null ? [] : [{ at: soldOut / 1_000, label: `sold out ${formatDuration(soldOut)}` }],
  };
};

const outcomes = ({ orders }: Result): Markup =>
  html`<div class="bars">
    ${dataTable(
      'outcomes-caption',
      'How the attempts to place an order ended.',
      ['outcome', 'attempts', 'share', ''],
      OUTCOMES.map(({ outcome, label, tone }) => {
        const count = orders[outcome];
        const share = orders.attempted === 0 ? 0 : count / orders.attempted;
        const colour = count === 0 ? undefined : tone;
        return [
          toned(colour, label),
          toned(colour, formatCount(count)),
          formatRatio(share),
          bar(share, colour),
        ];
      }),
    )}
  </div>`;

const failureList = ({ failures }: Result): Markup =>
  failures.length === 0
    ? NOTHING
    : html`<h3>Why orders failed</h3>
        <ul>
          ${failures.map(
            ({ outcome, reason, count }) => html`<li>${outcome}: ${reason} (${formatCount(count)})</li>`,
          )}
        </ul>`;

/** How the attempts to place an order ended, and when. */
export const ordersSection = (result: Result): Markup => {
  const { orders, iterations } = result;
  return section(
    'orders',
    'Orders',
    `${formatCount(orders.attempted)} attempted, ${formatPerSecond(orders.attemptedPerSecond)}; ` +
      `${formatCount(orders.accepted)} accepted, ${formatPerSecond(orders.acceptedPerSecond)}`,
    [
      figure(ordersChart(result)),
      outcomes(result),
      facts([
        ['iterations', `${formatCount(iterations.completed)}, ${formatPerSecond(iterations.perSecond)}`],
        ['iterations failed', formatCount(iterations.failed)],
        ['iterations dropped', formatCount(iterations.dropped)],
        ['paid later', formatCount(orders.paid)],
        ['cancelled later', formatCount(orders.cancelled)],
      ]),
      failureList(result),
    ],
  );
};

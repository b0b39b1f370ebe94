import { formatCount, formatDuration } from '../../../kernel/units.ts';
import { formatMicros, formatNumberOf, formatPerSecond, NONE } from '../../figures.ts';
import type { Result } from '../../model.ts';
import { HEADLINES } from '../../wording.ts';
import { html, type Markup, NOTHING } from '../markup.ts';
import { facts } from '../table.ts';

const list = (items: readonly string[], className: string): Markup =>
  items.length === 0
    ? NOTHING
    : html`<ul>
        ${items.map((item) => html`<li class="${className}">${item}</li>`)}
      </ul>`;

const latencyFacts = ({ latency }: Result): (readonly [string, string])[] => {
  const orders = latency['order.latency'];
  const figure = (name: 'p50' | 'p99') => (orders.count === 0 ? NONE : formatMicros(orders[name]));
  return [
    ['order latency, p50', figure('p50')],
    ['order latency, p99', figure('p99')],
  ];
};

/** The verdict and why, what was run, and the few figures that are asked for first. */
export const verdictSection = (result: Result): Markup => {
  const { run, orders, exitCode } = result;
  const [tone, words] = HEADLINES[result.verdict];
  const soldOut =
    orders.soldOutAtMs === null ? 'not sold out' : `after ${formatDuration(orders.soldOutAtMs)}`;
  return html`<div class="verdict ${tone}" id="verdict">
    <h1><span class="${tone}">${words}</span> ${run.scenario}</h1>
    <p class="quiet">
      exit ${exitCode} · ${formatDuration(run.durationMs)} of load · ${formatNumberOf(run.nodes, 'node')} ·
      ${formatNumberOf(run.vus, 'virtual user')} · seed ${run.seed}
    </p>
    <p class="quiet">
      ${Object.entries(run.strategies)
        .map(([port, name]) => `${port} ${name}`)
        .join(' · ')}
    </p>
    ${list(result.reasons, 'reason')} ${list(result.notes, 'note')}
    ${facts([
      ['orders attempted', `${formatCount(orders.attempted)}, ${formatPerSecond(orders.attemptedPerSecond)}`],
      ['orders accepted', `${formatCount(orders.accepted)}, ${formatPerSecond(orders.acceptedPerSecond)}`],
      ...latencyFacts(result),
      ['first sold out', soldOut],
    ])}
  </div>`;
};

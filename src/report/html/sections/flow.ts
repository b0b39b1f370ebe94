import { formatCount } from '../../../kernel/units.ts';
import { formatMicros, formatNumberOf, formatRatio, NONE } from '../../figures.ts';
import type { Result } from '../../model.ts';
import { type Chart, figure } from '../chart.ts';
import type { Markup } from '../markup.ts';
import { facts, section, toned } from '../table.ts';
import { aboveZero, columnOf, perSecondOf, timeAxisOf } from '../timeline.ts';

const cacheChart = (result: Result): Chart => ({
  id: 'cache-chart',
  summary:
    `Cache over time: ${formatRatio(result.cache.hitRatio)} of the reads hit over the whole load, ` +
    `${formatNumberOf(result.cache.loads, 'load')} from the database.`,
  x: timeAxisOf(result),
  series: [
    { label: 'loads', unit: 'perSecond', values: perSecondOf(result, 'cacheLoads') },
    { label: 'hit ratio', unit: 'ratio', values: columnOf(result, 'cacheHitRatio') },
  ],
  marks: [],
});

const queueChart = (result: Result): Chart => {
  const lag = result.latency['persist.lag'];
  return {
    id: 'queue-chart',
    summary:
      'Events on their way to the ledger over time, and how late they came there' +
      (lag.count === 0 ? '.' : `: over the whole load, p99 ${formatMicros(lag.p99)}.`),
    x: timeAxisOf(result),
    series: [
      { label: 'persist lag p99', unit: 'micros', values: aboveZero(columnOf(result, 'persistLagP99')) },
      { label: 'queue depth', unit: 'units', values: columnOf(result, 'queueDepth', 0) },
    ],
    marks: [],
  };
};

/** How many reads the cache answered, and what the others cost. */
export const cacheSection = (result: Result): Markup => {
  const { cache } = result;
  const { lostWrites = 0 } = cache;
  return section(
    'cache',
    'Cache',
    `${formatRatio(cache.hitRatio)} of ${formatNumberOf(cache.reads, 'read')} hit`,
    [
      figure(cacheChart(result)),
      facts([
        ['hits', formatCount(cache.hits)],
        ['loads from the database', formatCount(cache.loads)],
        ['most loads at once, on one node', formatCount(cache.peakConcurrentLoads)],
        ...(lostWrites > 0
          ? ([['acknowledged changes lost', toned('bad', formatCount(lostWrites))]] as const)
          : []),
      ]),
    ],
    'half',
  );
};

const probability = (value: number | null): string => (value === null ? NONE : value.toFixed(3));

/** What became of the events, how late the ledger was, and the article's three probabilities. */
export const queueSection = (result: Result): Markup => {
  const { queue, latency, model } = result;
  const lag = latency['persist.lag'];
  return section(
    'queue',
    'Queue and ledger',
    `${formatCount(queue.published)} events published, ${formatCount(queue.confirmed)} confirmed`,
    [
      figure(queueChart(result)),
      facts([
        ['delivered', formatCount(queue.delivered)],
        ['redelivered', formatCount(queue.redelivered)],
        ['dead-lettered', toned(queue.deadLettered > 0 ? 'bad' : undefined, formatCount(queue.deadLettered))],
        ['in the ledger after, p50', lag.count === 0 ? NONE : formatMicros(lag.p50)],
        ['in the ledger after, p99', lag.count === 0 ? NONE : formatMicros(lag.p99)],
        ['P: lock won', probability(model.P)],
        ['Q: message in time', probability(model.Q)],
        ['C: cache hit', probability(model.C)],
      ]),
    ],
    'half',
  );
};

const perOrder = (value: number | null): string =>
  value === null ? NONE : String(Number(value.toPrecision(3)));

/** What an attempt to place an order cost, browsing included. */
export const costSection = ({ cost }: Result): Markup =>
  section('cost', 'Cost of an order', 'Per attempt to place one, with all that the scenario does besides.', [
    facts([
      ['Redis commands', perOrder(cost.redisCommandsPerOrder)],
      ['messages', perOrder(cost.messagesPerOrder)],
      ['PostgreSQL transactions', perOrder(cost.transactionsPerOrder)],
      ['CPU, in ms', perOrder(cost.cpuMsPerOrder)],
    ]),
  ]);

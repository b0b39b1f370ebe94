import { formatCount, formatDuration } from '../../../kernel/units.ts';
import { formatMicros, formatNumberOf, formatRatio, NONE } from '../../figures.ts';
import type { Result } from '../../model.ts';
import { type Chart, figure } from '../chart.ts';
import type { Markup } from '../markup.ts';
import { facts, section, toned } from '../table.ts';
import { columnOf, timeAxisOf } from '../timeline.ts';

const cacheChart = (result: Result): Chart => ({
  id: 'cache-chart',
  summary: `Cache hits over time: ${formatRatio(result.cache.hitRatio)} over the whole load.`,
  x: timeAxisOf(result),
  series: [{ label: 'hit ratio', unit: 'ratio', values: columnOf(result, 'cacheHitRatio') }],
  marks: [],
});

/** How many reads the cache answered, and what the others cost. */
export const cacheSection = (result: Result): Markup => {
  const { cache } = result;
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
      ]),
    ],
    'half',
  );
};

const probability = (value: number | null): string => (value === null ? NONE : value.toFixed(3));

/** What became of the events, how late the ledger was, and the article's three probabilities. */
export const queueSection = ({ queue, latency, model }: Result): Markup => {
  const lag = latency['persist.lag'];
  return section(
    'queue',
    'Queue and ledger',
    `${formatCount(queue.published)} events published, ${formatCount(queue.confirmed)} confirmed`,
    [
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

/** Whether the load generator itself was the limit. */
export const generatorSection = ({ generator }: Result): Markup =>
  section(
    'generator',
    'Load generator',
    generator.saturated
      ? toned('doubtful', '? saturated: the figures may show its limit, not the system’s')
      : toned('good', '✔ healthy'),
    [
      facts([
        ['event loop busy', formatRatio(generator.eventLoopUtilization)],
        ['event loop late, p99', formatDuration(generator.loopDelayP99Ms)],
        ['garbage collection, in all', formatDuration(generator.gcPauseMs)],
      ]),
    ],
    'half',
  );

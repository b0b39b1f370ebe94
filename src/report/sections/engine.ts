import { formatCount } from '../../kernel/units.ts';
import { formatMicros, formatNumberOf, formatPerSecond, formatRatio, NONE } from '../figures.ts';
import { heading, labelled, type Page } from '../layout.ts';
import type { Result } from '../model.ts';

/** A count that should be 0 stands out when it is not. */
const alarming = (page: Page, count: number, words: string): string =>
  count === 0 ? `0 ${words}` : page.paint('bad', `${formatCount(count)} ${words}`);

const lockFigures = ({ lock, run }: Result, page: Page): string[] => {
  if (run.strategies.lock === 'none') return ['none: the critical section is open to all'];
  const { serialBound } = lock;
  return [
    `${formatRatio(lock.acquireRatio)} of ${formatNumberOf(lock.attempts, 'attempt')} won`,
    `${formatCount(lock.contended)} contended`,
    alarming(page, lock.expired, 'leases expired'),
    ...(serialBound === undefined
      ? []
      : [
          `${formatRatio(serialBound.reachedRatio)} of the serial bound, ` +
            `${formatPerSecond(serialBound.ordersPerSecond)} (a cycle alone takes ${formatMicros(serialBound.cycleUs)})`,
        ]),
  ];
};

const cacheFigures = ({ cache: { lostWrites = 0, ...cache } }: Result, page: Page): string[] => [
  `${formatRatio(cache.hitRatio)} of ${formatNumberOf(cache.reads, 'read')} hit`,
  formatNumberOf(cache.loads, 'load'),
  `at most ${formatCount(cache.peakConcurrentLoads)} at once`,
  ...(lostWrites > 0 ? [alarming(page, lostWrites, 'acknowledged changes lost')] : []),
];

const queueFigures = ({ queue }: Result, page: Page): string[] => [
  `${formatCount(queue.published)} published`,
  `${formatCount(queue.confirmed)} confirmed`,
  `${formatCount(queue.delivered)} delivered`,
  `${formatCount(queue.redelivered)} redelivered`,
  alarming(page, queue.deadLettered, 'dead-lettered'),
];

const costFigures = ({ cost }: Result): string[] => [
  `${cost.redisCommandsPerOrder?.toFixed(2) ?? NONE} Redis commands`,
  `${cost.messagesPerOrder?.toFixed(2) ?? NONE} messages`,
  `${cost.transactionsPerOrder?.toFixed(2) ?? NONE} transactions`,
  `${cost.cpuMsPerOrder?.toFixed(2) ?? NONE} ms CPU per order`,
];

const probability = (letter: string, value: number | null, of: string): string =>
  `${letter} ${value === null ? NONE : value.toFixed(3)} ${of}`;

const modelFigures = ({ model }: Result): string[] => [
  probability('P', model.P, 'lock won'),
  probability('Q', model.Q, 'message in time'),
  probability('C', model.C, 'cache hit'),
];

/** The engine's parts, a line or two each. */
export const engineSection = (result: Result, page: Page): string[] => [
  heading(page, 'Engine'),
  ...labelled(page, [
    ['lock', lockFigures(result, page)],
    ['cache', cacheFigures(result, page)],
    ['queue', queueFigures(result, page)],
    ['cost', costFigures(result)],
    ['model', modelFigures(result)],
  ]),
];

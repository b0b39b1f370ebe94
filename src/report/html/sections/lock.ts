import { formatCount } from '../../../kernel/units.ts';
import { formatMicros, formatPerSecond, formatRatio } from '../../figures.ts';
import type { Result } from '../../model.ts';
import { type Chart, figure } from '../chart.ts';
import { html, type Markup } from '../markup.ts';
import { percentileChart } from '../percentiles.ts';
import { facts, section, toned } from '../table.ts';

const lockChart = (result: Result): Chart =>
  percentileChart('lock-chart', result, ['lock.wait', 'lock.hold'], ['lock.wait', 'lock.hold']);

/**
 * How many are at a stage at a moment, on average, by Little's law: arrivals per second times the mean stay
 * (Little, "A Proof for the Queuing Formula L = λW", 1961).
 */
const meanNumberAt = (result: Result, stage: 'lock.wait' | 'lock.hold'): string => {
  const { count, mean } = result.latency[stage];
  const perSecond = count / (Math.max(1, result.run.durationMs) / 1_000);
  return ((perSecond * mean) / 1e6).toFixed(2);
};

const serialBoundFacts = ({ lock: { serialBound } }: Result): [string, string][] =>
  serialBound === undefined
    ? []
    : [
        ['serial bound', formatPerSecond(serialBound.ordersPerSecond)],
        ['of it reached', formatRatio(serialBound.reachedRatio)],
        ['a cycle alone', formatMicros(serialBound.cycleUs)],
      ];

/** How long orders waited for the lock and held it, and how near the load came to what one lock can serve. */
export const lockSection = (result: Result): Markup => {
  const { lock, run } = result;
  const gist =
    run.strategies.lock === 'none'
      ? 'none: the critical section is open to all'
      : html`${run.strategies.lock}: ${formatRatio(lock.acquireRatio)} of ${formatCount(lock.attempts)}
        attempts won`;
  return section(
    'lock',
    'Lock: wait and hold',
    gist,
    [
      figure(lockChart(result)),
      facts([
        ['waiting at a moment, on average', meanNumberAt(result, 'lock.wait')],
        ['holding at a moment, on average', meanNumberAt(result, 'lock.hold')],
        ['contended', formatCount(lock.contended)],
        ['leases expired', toned(lock.expired > 0 ? 'bad' : undefined, formatCount(lock.expired))],
        ...serialBoundFacts(result),
      ]),
    ],
    'half',
  );
};

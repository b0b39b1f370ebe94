import { COUNTERS, STAGES } from '../engine/telemetry.ts';

/** What can be said of a metric in one number. */
export const DURATION_AGGREGATES = ['min', 'mean', 'percentile', 'max', 'total', 'count', 'rate'] as const;
export const COUNT_AGGREGATES = ['count', 'rate', 'share'] as const;
export type Aggregate = (typeof DURATION_AGGREGATES)[number] | (typeof COUNT_AGGREGATES)[number];

export interface ThresholdMetric {
  readonly aggregates: readonly Aggregate[];
  /** The counts whose sum is the whole of a share; empty: it has no share. */
  readonly of: readonly string[];
  /** What may choose among the series of the metric. */
  readonly tags: readonly string[];
}

const duration = (...tags: string[]): ThresholdMetric => ({ aggregates: DURATION_AGGREGATES, of: [], tags });

const count = (...of: string[]): ThresholdMetric => ({
  aggregates: of.length > 0 ? COUNT_AGGREGATES : ['count', 'rate'],
  of,
  tags: [],
});

/** A part of a whole of which neither means anything by itself. */
const share = (...of: string[]): ThresholdMetric => ({ aggregates: ['share'], of, tags: [] });

export const isDuration = (metric: string): boolean =>
  THRESHOLD_METRICS[metric]?.aggregates === DURATION_AGGREGATES;

const each = (names: readonly string[], metric: ThresholdMetric): Record<string, ThresholdMetric> =>
  Object.fromEntries(names.map((name) => [name, metric]));

/** Every metric that a threshold can be set on, by name. */
export const THRESHOLD_METRICS: Readonly<Record<string, ThresholdMetric>> = {
  ...each([...STAGES, 'iteration.response', 'iteration.service', 'schedule.lag'], duration()),
  'step.latency': duration('step', 'outcome', 'node'),
  ...each(['generator.loop-delay', 'generator.gc-pause'], duration()),
  ...each(COUNTERS, count()),
  ...each(['orders.attempted', 'orders.paid', 'orders.cancelled', 'orders.replayed'], count()),
  ...each(
    [
      'orders.accepted',
      'orders.sold-out',
      'orders.limit-reached',
      'orders.contended',
      'orders.failed',
      'orders.unknown',
    ],
    count('orders.attempted'),
  ),
  'iterations.completed': count('iterations.completed', 'iterations.dropped'),
  'iterations.dropped': count('iterations.completed', 'iterations.dropped'),
  'iterations.failed': count('iterations.completed', 'iterations.failed'),
  'arrivals.due': count(),
  'arrivals.begun': count('arrivals.due'),
  'cache.hits': count('cache.reads'),
  'cache.near-hits': count('cache.hits'),
  'lock.acquired': count('lock.attempts'),
  'lock.contended': count('lock.attempts'),
  'lock.expired': count('lock.acquired'),
  'queue.confirmed': count('queue.published'),
  'queue.redelivered': count('queue.delivered'),
  'queue.in-time': count('queue.delivered'),
  'generator.busy': share('generator.elapsed'),
  'generator.cpu': share('generator.cpu-capacity'),
  'generator.steal': share('generator.machine-time'),
};

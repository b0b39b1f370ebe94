import { COUNTERS, STAGES } from '../engine/telemetry.ts';
import { assert } from '../kernel/assert.ts';
import { TradeSimError, usageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { parseDuration, parseRate } from '../kernel/units.ts';

/** Durations a threshold can be set on: the engine's stages and what the load generator measures itself. */
const DURATIONS: readonly string[] = [...STAGES, 'iteration.response', 'iteration.service', 'schedule.lag'];

const ORDERS = ['orders.attempted'];
const ITERATIONS = ['iterations.completed', 'iterations.dropped'];

/** Counts a threshold can be set on, each with the counts whose sum is its whole; none: it has no share. */
const COUNTS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(COUNTERS.map((counter) => [counter, []])),
  'orders.attempted': [],
  'orders.accepted': ORDERS,
  'orders.sold-out': ORDERS,
  'orders.limit-reached': ORDERS,
  'orders.contended': ORDERS,
  'orders.failed': ORDERS,
  'orders.unknown': ORDERS,
  'iterations.completed': ITERATIONS,
  'iterations.dropped': ITERATIONS,
  'cache.hits': ['cache.reads'],
  'lock.acquired': ['lock.attempts'],
  'lock.contended': ['lock.attempts'],
  'lock.expired': ['lock.acquired'],
  'queue.confirmed': ['queue.published'],
  'queue.redelivered': ['queue.delivered'],
  'queue.in-time': ['queue.delivered'],
};

const METRICS = [...DURATIONS, ...Object.keys(COUNTS)];
const DURATION_AGGREGATES = ['min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const;
const COUNT_AGGREGATES = ['count', 'rate', 'share'] as const;
const COMPARISONS = ['<', '<=', '>', '>='] as const;

/** What a run must reach, as data. */
export interface Threshold {
  /** As it was written, without blanks between its parts. */
  readonly text: string;
  readonly metric: string;
  /** Of a duration: a percentile and the like. Of a count: itself, per second, or its share of the sum of `of`. */
  readonly aggregate: (typeof DURATION_AGGREGATES)[number] | (typeof COUNT_AGGREGATES)[number];
  readonly comparison: (typeof COMPARISONS)[number];
  /** A duration in microseconds, a count, a number per second, or a share as a part of 1. */
  readonly limit: number;
  /** The counts that make up the whole of a share; empty for every other aggregate. */
  readonly of: readonly string[];
}

const parseCount = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw usageError(`"${text}" is not a count`, 'Write a whole number.');
  return Number(text);
};

const parseShare = (text: string): number => {
  const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  if (!match) throw usageError(`"${text}" is not a share`, 'Write a percentage: 0.5%.');
  return Number(match[1]) / 100;
};

const US_PER_MS = 1_000;

const parseLimit = (aggregate: Threshold['aggregate'], text: string): number => {
  if (aggregate === 'count') return parseCount(text);
  if (aggregate === 'rate') return parseRate(text);
  if (aggregate === 'share') return parseShare(text);
  return parseDuration(text) * US_PER_MS;
};

const aggregatesOf = (metric: string): readonly Threshold['aggregate'][] => {
  if (DURATIONS.includes(metric)) return DURATION_AGGREGATES;
  return COUNT_AGGREGATES.filter((aggregate) => aggregate !== 'share' || COUNTS[metric]?.length !== 0);
};

/** Takes any text apart: a part that is missing is empty, so that the first wrong one can be pointed at. */
const PARTS =
  /^\s*(?<metric>[^\s:<>=]*)\s*(?<colon>:?)\s*(?<aggregate>[^\s<>=]*)\s*(?<comparison>[<>=]*)\s*(?<limit>.*?)\s*$/ds;

/**
 * Reads `metric:aggregate comparison value`: `order.latency:p99<200ms`, `orders.accepted:rate>1000/s`,
 * `orders.failed:share<0.1%`. Throws a usage error that names the first character which cannot be read.
 */
export const parseThreshold = (source: string): Threshold => {
  const { groups, indices } = PARTS.exec(source) ?? {};
  assert(groups && indices?.groups, 'every part of the pattern may be empty');
  const { metric = '', colon, aggregate: aggregateName, comparison: sign, limit: limitText = '' } = groups;
  const { groups: spans } = indices;
  const wrong = (part: string, what: string, hint?: string) =>
    usageError(`"${source}" at character ${(spans[part]?.[0] ?? 0) + 1}: ${what}`, hint);

  if (!METRICS.includes(metric)) {
    throw wrong('metric', `there is no metric "${metric}"`, didYouMean(metric, METRICS));
  }
  if (colon === '')
    throw wrong('colon', 'a colon is missing', `Write ${metric}:${aggregatesOf(metric).at(-1)}.`);
  const aggregate = aggregatesOf(metric).find((name) => name === aggregateName);
  if (aggregate === undefined) {
    const hint = `It has ${aggregatesOf(metric).join(', ')}.`;
    throw wrong('aggregate', `${metric} has no aggregate "${aggregateName}"`, hint);
  }
  const comparison = COMPARISONS.find((known) => known === sign);
  if (comparison === undefined) {
    throw wrong('comparison', `"${sign}" is not a comparison`, 'Write <, <=, > or >=.');
  }
  try {
    const limit = parseLimit(aggregate, limitText);
    const of = aggregate === 'share' ? (COUNTS[metric] ?? []) : [];
    return {
      text: `${metric}:${aggregate}${comparison}${limitText}`,
      metric,
      aggregate,
      comparison,
      limit,
      of,
    };
  } catch (error) {
    if (!(error instanceof TradeSimError)) throw error;
    throw wrong('limit', error.message, error.hint);
  }
};

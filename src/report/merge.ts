import { isDeepStrictEqual } from 'node:util';
import { assert } from '../kernel/assert.ts';
import { usageError } from '../kernel/errors.ts';
import { SERVICE_NAMES } from '../services/types.ts';
import { countersOf } from './counters.ts';
import { MAX_FAILURES, topFailures } from './failures.ts';
import { mergeCost } from './merge/cost.ts';
import {
  mergeAudit,
  mergeLatency,
  mergeModel,
  mergeSteps,
  mergeStock,
  mergeTimeline,
  ratio,
  runIdsOf,
  sumOf,
} from './merge/parts.ts';
import { mergeGenerator } from './merge/generator.ts';
import { mergeThresholds } from './merge/thresholds.ts';
import type { Result } from './model.ts';
import { judge, lostServicesIn, shortageIn } from './verdict.ts';

/**
 * One result of several runs of the same configuration: histograms are merged and counts added, so every figure
 * is that of all runs together and no percentile is averaged. Thresholds are judged anew. What cannot be merged is
 * left out, and said in the notes. Throws a usage error for runs that are not of one kind, or twice the same.
 */
export const mergeResults = (results: readonly Result[]): Result => {
  const [first] = results;
  assert(first !== undefined, 'there is a result to merge');
  if (results.length === 1) return first;
  for (const other of results.slice(1)) requireSameKind(first, other);
  requireDistinct(results);

  const merged = { ...mergeFigures(first, results), run: mergeRun(first, results) };
  const thresholds = mergeThresholds(results, merged);
  const interrupted = results.some((result) => result.interrupted);
  const verdict = judge({
    audit: merged.audit,
    thresholds,
    interrupted,
    generator: merged.generator,
    ordersAttempted: merged.orders.attempted,
    lostServices: lostServicesIn(results.flatMap(({ reasons }) => reasons)),
    shortage: shortageIn(results.flatMap(({ reasons }) => reasons)),
  });
  return { ...merged, ...verdict, interrupted, thresholds, notes: notesOf(first, results, merged) };
};

/** What differs between rounds of one experiment: the seed, and nothing else. */
const kindOf = ({ run }: Result) => ({
  scenario: run.scenario,
  configuration: { ...run.configuration, seed: undefined },
  origins: SERVICE_NAMES.map((name) => run.services[name].origin),
});

const requireSameKind = (first: Result, other: Result): void => {
  if (isDeepStrictEqual(kindOf(first), kindOf(other))) return;
  const what =
    first.run.scenario === other.run.scenario
      ? 'differ in more than their seed'
      : `are of two scenarios, ${first.run.scenario} and ${other.run.scenario}`;
  throw usageError(
    `runs ${first.run.id} and ${other.run.id} ${what}`,
    'Only runs of one configuration on services of one kind make one result. Report the others by themselves.',
  );
};

const requireDistinct = (results: readonly Result[]): void => {
  const ids = results.flatMap(runIdsOf);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined)
    throw usageError(
      `run ${twice} is given twice`,
      'Its orders would be counted twice. Name each result once.',
    );
};

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

const mergeRun = (first: Result, results: readonly Result[]): Result['run'] => {
  const version = (name: (typeof SERVICE_NAMES)[number]) => ({
    origin: first.run.services[name].origin,
    version: distinct(results.map(({ run }) => run.services[name].version)).join(' / '),
  });
  return {
    ...first.run,
    id: results.map(({ run }) => run.id).join('+'),
    startedAt: results.map(({ run }) => run.startedAt).toSorted()[0]!,
    durationMs: sumOf(results, ({ run }) => run.durationMs),
    services: { redis: version('redis'), rabbitmq: version('rabbitmq'), postgres: version('postgres') },
    command: distinct(results.map(({ run }) => run.command)).join(' && '),
  };
};

type Measured = Omit<
  Result,
  'verdict' | 'exitCode' | 'reasons' | 'run' | 'thresholds' | 'interrupted' | 'notes'
>;

const mergeFigures = (first: Result, results: readonly Result[]): Measured => {
  const total = (name: string) => sumOf(counters, (one) => one[name] ?? 0);
  const counters = results.map(countersOf);
  const seconds =
    Math.max(
      1,
      sumOf(results, ({ run }) => run.durationMs),
    ) / 1_000;
  const soldOut = results.flatMap(({ orders }) => orders.soldOutAtMs ?? []);
  return {
    schema: first.schema,
    environment: first.environment,
    orders: {
      attempted: total('orders.attempted'),
      accepted: total('orders.accepted'),
      replayed: total('orders.replayed'),
      soldOut: total('orders.sold-out'),
      limitReached: total('orders.limit-reached'),
      contended: total('orders.contended'),
      failed: total('orders.failed'),
      unknown: total('orders.unknown'),
      paid: total('orders.paid'),
      cancelled: total('orders.cancelled'),
      attemptedPerSecond: total('orders.attempted') / seconds,
      acceptedPerSecond: total('orders.accepted') / seconds,
      soldOutAtMs: soldOut.length > 0 ? Math.min(...soldOut) : null,
    },
    failures: topFailures(results.flatMap(({ failures }) => failures)),
    iterations: {
      completed: total('iterations.completed'),
      failed: total('iterations.failed'),
      dropped: total('iterations.dropped'),
      perSecond: total('iterations.completed') / seconds,
    },
    latency: mergeLatency(results),
    steps: mergeSteps(results),
    cache: {
      reads: total('cache.reads'),
      hits: total('cache.hits'),
      hitRatio: ratio(total('cache.hits'), total('cache.reads')),
      loads: total('cache.loads'),
      expiries: total('cache.expiries'),
      peakConcurrentLoads: Math.max(...results.map(({ cache }) => cache.peakConcurrentLoads)),
      lostWrites: total('cache.lost-writes'),
    },
    lock: {
      attempts: total('lock.attempts'),
      acquired: total('lock.acquired'),
      contended: total('lock.contended'),
      expired: total('lock.expired'),
      acquireRatio: ratio(total('lock.acquired'), total('lock.attempts')),
    },
    queue: {
      published: total('queue.published'),
      confirmed: total('queue.confirmed'),
      delivered: total('queue.delivered'),
      redelivered: total('queue.redelivered'),
      deadLettered: total('queue.dead-lettered'),
    },
    cost: mergeCost(results),
    model: mergeModel(results),
    ...mergeStock(results),
    audit: mergeAudit(results),
    generator: mergeGenerator(results),
    timeline: mergeTimeline(results),
  };
};

const MERGED = /^\d+ runs in one: /;

const notesOf = (first: Result, results: readonly Result[], merged: Measured): string[] => {
  const seeds = distinct(results.map(({ run }) => String(run.seed)));
  const oneMachine = results.every(({ environment }) => isDeepStrictEqual(environment, first.environment));
  const remarks: readonly (readonly [isTrue: boolean, remark: string])[] = [
    [seeds.length > 1, `seeds ${seeds.join(', ')}`],
    [!oneMachine, 'measured on different machines or versions: the first one is named'],
    [merged.timeline.length === 0, 'no timeline: the rows of the runs are not equally long'],
    [
      merged.stock.length < first.stock.length,
      'SKUs that are not in the list of every run are in the total only',
    ],
    [
      results.some(({ failures }) => failures.length === MAX_FAILURES),
      'of failures, only the ten most frequent reasons of each run are counted',
    ],
  ];
  return distinct([
    `${results.flatMap(runIdsOf).length} runs in one: counts are added, histograms merged; per second is the mean over all runs`,
    'not merged, and so left out: latency and cache hits by the second, and the serial bound of the lock',
    'P is the mean of the runs; "first sold out" is the earliest of them; the generator is the worst of them',
    ...remarks.flatMap(([isTrue, remark]) => (isTrue ? [remark] : [])),
    ...results.flatMap(({ notes }) => notes).filter((note) => !MERGED.test(note)),
  ]);
};

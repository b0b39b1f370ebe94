import { z } from 'zod';
import { STAGES } from '../engine/telemetry.ts';
import { ExitCode } from '../kernel/exit-codes.ts';

/** How many SKUs a result lists one by one; the rest are only in the total. */
export const MAX_STOCK_ROWS = 50;

const count = (description: string) => z.int().min(0).describe(description);
const amount = (description: string) => z.number().min(0).describe(description);
/** No upper bound: an interval may cut a pair of counts in two and see the part without its whole. */
const ratio = (description: string) =>
  amount(`${description} From 0 to 1. null: there was nothing to judge.`).nullable();

const service = z
  .strictObject({
    origin: z
      .enum(['given', 'local', 'docker', 'embedded'])
      .describe(
        'given: by its URL; local: a private instance of a binary on this machine; docker: a container; embedded: a model in memory.',
      ),
    version: z.string().describe('As the service itself says; model: embedded.'),
  })
  .meta({ id: 'Service' });

const run = z.strictObject({
  id: z.string().describe('Names everything the run created on its services.'),
  scenario: z.string(),
  seed: z.int().describe('The same seed and configuration make the same decisions.'),
  startedAt: z.iso.datetime().describe('When the load began, in UTC.'),
  durationMs: amount('How long the load lasted, without warm-up and drain.'),
  nodes: count('Engine nodes, each in a worker thread of its own.'),
  vus: count('Virtual users over all nodes.'),
  strategies: z
    .strictObject({
      lock: z.string(),
      stock: z.string(),
      cache: z.string(),
      queue: z.string(),
      ledger: z.string(),
    })
    .describe('By name; their options are in the configuration.'),
  services: z.strictObject({ redis: service, rabbitmq: service, postgres: service }),
  lockMasters: z
    .array(service)
    .optional()
    .describe("Redis servers of the lock's own, where it votes on several."),
  command: z.string().describe('Repeats the run.'),
  configuration: z
    .record(z.string(), z.unknown())
    .describe('The scenario as it ran: file, environment and flags put together.'),
});

const environment = z.strictObject({
  cpu: z.string(),
  cores: count('Logical processors the process could use.'),
  memoryBytes: count('Of the machine.'),
  node: z.string().describe('Version of Node.js.'),
  tradeSim: z.string().describe('Version of trade-sim.'),
});

const orders = z.strictObject({
  attempted: count('Attempts to place an order: the sum of the seven outcomes.'),
  accepted: count('New orders.'),
  replayed: count('Accepted again under the same key: no new order.'),
  soldOut: count('Refused: too few units were left.'),
  limitReached: count('Refused: the user had taken all that one user may.'),
  contended: count('Refused: the lock, or a bounded optimistic retry, was not won in time.'),
  failed: count('Certainly not placed.'),
  unknown: count('Perhaps placed: an answer was lost.'),
  paid: count('Accepted orders that were paid later.'),
  cancelled: count('Accepted orders that were cancelled later.'),
  attemptedPerSecond: amount('Attempts per second of the load.'),
  acceptedPerSecond: amount('New orders per second of the load.'),
  soldOutAtMs: amount('When an order was first refused as sold out, since the load began.').nullable(),
});

const failure = z.strictObject({
  outcome: z.enum(['failed', 'unknown']),
  reason: z.string(),
  count: count('Attempts that ended so.'),
});

const iterations = z.strictObject({
  completed: count('Iterations of virtual users that came to their end.'),
  failed: count('Iterations that a failing service ended early.'),
  dropped: count('Iterations that were due and found no free virtual user.'),
  perSecond: amount('Completed iterations per second of the load.'),
});

const latency = z
  .strictObject({
    unit: z.literal('us').describe('Microseconds.'),
    count: count('Values recorded.'),
    min: amount('µs'),
    mean: amount('µs'),
    p50: amount('µs'),
    p90: amount('µs'),
    p95: amount('µs'),
    p99: amount('µs'),
    p999: amount('µs; the 99.9th percentile.'),
    max: amount('µs'),
    hdr: z
      .string()
      .describe(
        'The whole histogram, so that results can be merged: HdrHistogram V2, compressed, in base64. Empty when nothing was recorded.',
      ),
  })
  .meta({ id: 'LatencySummary', description: 'Every figure is 0 when `count` is 0.' });

const stages = Object.fromEntries(STAGES.map((stage) => [stage, latency])) as Record<
  (typeof STAGES)[number],
  typeof latency
>;

/** It goes into the names of series. */
const word = (description: string) =>
  z
    .string()
    .regex(/^[a-z-]+$/)
    .describe(description);

const step = z.strictObject({
  step: word('What a customer asked of the shop: browse, add-to-cart, take-cart, place, pay, cancel.'),
  outcome: word('How it ended.'),
  node: count('The engine node that was asked. Absent: nodes were not told apart.').optional(),
  latency: latency.describe('From the customer’s request to its answer.'),
});

const cache = z.strictObject({
  reads: count('Product pages asked for.'),
  hits: count('Answered by the cache.'),
  hitRatio: ratio('hits / reads.'),
  loads: count('Loads from the database.'),
  expiries: count(
    'Lives of entries that were over and followed by a load: the fewest loads that would have done. 0: the strategy keeps no entries, or does not say.',
  ),
  peakConcurrentLoads: count('Most loads at one moment on one node.'),
  lostWrites: count(
    'Changes that were acknowledged before the database had them, and never came there. Absent in results of earlier versions.',
  ).optional(),
});

const serialBound = z.strictObject({
  ordersPerSecond: amount('Orders per second that one lock can serve: 1 / cycleUs.'),
  cycleUs: amount(
    'One uncontended acquire, work, release on these services: the mean of up to 180, measured before the load, in µs.',
  ),
  reachedRatio: amount(
    'Accepted and replayed orders per second, until the first was refused as sold out, / ordersPerSecond. From 0; above 1 where several SKUs have a lock each.',
  ),
});

const lock = z.strictObject({
  attempts: count('Locks asked for.'),
  acquired: count('Locks won.'),
  contended: count('Locks not won before the wait ended.'),
  expired: count('Leases lost before their release: two holders were possible.'),
  acquireRatio: ratio('acquired / attempts.'),
  serialBound: serialBound.optional().describe('Absent without a lock.'),
});

const queue = z.strictObject({
  published: count('Events handed to the queue.'),
  confirmed: count('Events the broker (or the ledger) took responsibility for.'),
  delivered: count('Events that reached a consumer, repeats included.'),
  redelivered: count('Of these, repeats.'),
  deadLettered: count('Events set aside as undeliverable.'),
});

const perOrder = (description: string) =>
  amount(`${description}, per attempt to place an order. null: there was none.`).nullable();

const cost = z
  .strictObject({
    redisCommandsPerOrder: perOrder('Redis commands, a script being one'),
    messagesPerOrder: perOrder('Messages published to RabbitMQ'),
    transactionsPerOrder: perOrder('PostgreSQL transactions, a statement of its own being one'),
    cpuMsPerOrder: perOrder('CPU milliseconds of engine and load, without the servers'),
  })
  .describe(
    'What the nodes asked of their services, with all that belongs to the scenario, browsing included.',
  );

const model = z.strictObject({
  P: ratio('Mean over the nodes of the probability that a lock is acquired.'),
  Q: ratio('Mean over the queues of the probability that a message is delivered within its deadline.'),
  C: ratio('Mean over the caches of the probability that a read hits.'),
});

const units = {
  initial: count('Units before the first order.'),
  available: z.int().nullable().describe('Units left, as the store says. null: it could not be read.'),
  reserved: z.int().nullable().describe('Units ordered, neither paid nor cancelled. null: no ledger.'),
  sold: z.int().nullable().describe('Units paid. null: no ledger.'),
  oversold: count('Most units taken beyond the initial ones at any point of the ledger.').nullable(),
};

const audited = z.strictObject({
  invariant: z.string(),
  verdict: z
    .enum(['held', 'violated', 'unknown'])
    .describe('unknown: nothing to judge, or a witness is missing. It is not a pass.'),
  detail: z.string().describe('One line: what was compared, with counts.'),
  offenders: z.array(z.string()).max(10).describe('The first offenders of a violation, in words.'),
});

const threshold = z.strictObject({
  text: z.string().describe('As it was asked for.'),
  verdict: z.enum(['passed', 'failed', 'unknown']).describe('unknown: the metric has no value in this run.'),
  actual: z
    .number()
    .nullable()
    .describe(
      'A duration in µs, a count, a number per second, or a share as a part of 1; of windows, that of the worst one. null: there is none.',
    ),
  windowEndMs: amount('When the worst window ended, since the load began.').optional(),
  abortedAtMs: amount('When the miss ended the load, since it began.').optional(),
});

const workerHealth = {
  eventLoopUtilization: amount('The busiest worker: the share of time its event loop was at work.').max(1),
  loopDelayP99Ms: amount(
    'The slowest worker: by how much its event loop was late at any moment, 99th percentile.',
  ),
  gcPauseMs: amount('Garbage collection of the worst worker, in total.'),
};

const laterWorkerHealth = {
  loopDelayMaxMs: amount('The slowest worker: by how much its event loop was late at most.'),
  gcPauses: count('Garbage collections of the worker with most of them.'),
  gcPauseMaxMs: amount('The longest garbage collection.'),
};

const arrivals = z.strictObject({
  duePerSecond: amount('Customers who were to come, per second of the planned time.'),
  begunPerSecond: amount('Of these, who came before the load was to end.'),
  begunRatio: amount('begunPerSecond / duePerSecond.').max(1),
  droppedRatio: amount('Of those who were to come, who found no free virtual user.').max(1),
  latenessP99Ms: amount('How late they came, 99th percentile.'),
});

const generatorLimits = z
  .strictObject({
    overLimits: z.enum(['inconclusive', 'note']),
    minBegun: amount('Of begunRatio.').max(1),
    maxDropped: amount('Of droppedRatio.').max(1),
    maxLatenessMs: amount('Of latenessP99Ms.'),
    maxBusy: amount('Of eventLoopUtilization, in an open load.').max(1),
    maxLoopDelayMs: amount('Of loopDelayP99Ms, in a closed load.'),
    maxSteal: amount('Of stealRatio.').max(1),
  })
  .describe('What was allowed.');

const generator = z.strictObject({
  ...workerHealth,
  ...z.object(laterWorkerHealth).partial().shape,
  cpuRatio: ratio('Of all processors, taken by engine and load.').optional(),
  stealRatio: ratio('Of the machine’s CPU time, taken by others on its host.').optional(),
  arrivals: arrivals.nullable().describe('Of an open load; null: it was closed.').optional(),
  ceilingPerSecond: amount(
    'Iterations per second that these workers can do when customers ask for nothing, measured before the load.',
  )
    .nullable()
    .optional(),
  limits: generatorLimits.optional(),
  workers: z
    .array(z.strictObject({ ...workerHealth, ...laterWorkerHealth }))
    .describe('Each worker by itself.')
    .optional(),
  saturated: z
    .boolean()
    .describe('The load generator was over its limits: the figures may be its, not the system’s.'),
  reasons: z.array(z.string()).describe('The limits it was over.').optional(),
});

const moment = z.strictObject({
  atMs: amount('Since the load began; the end of the interval.'),
  iterations: count('Completed in the interval.'),
  accepted: count('New orders in the interval.'),
  p50: amount('order.latency in the interval, µs. null: no value.').nullable(),
  p99: amount('order.latency in the interval, µs. null: no value.').nullable(),
  cacheHitRatio: ratio('In the interval.'),
  stockLeft: z.int().nullable().describe('Units over all SKUs. null: not known.'),
  cacheLoads: count('Loads from the database in the interval.').optional(),
  queueDepth: count(
    'Events on their way to the ledger: waiting in the queue, or delivered and not yet in the ledger. null: not known.',
  )
    .nullable()
    .optional(),
  persistLagP99: amount('persist.lag in the interval, µs. null: no value.').nullable().optional(),
});

/** The result of one run, as it is saved: `trade-sim.result/1`. Described in docs/result.md. */
export const resultSchema = z
  .strictObject({
    schema: z.literal('trade-sim.result/1'),
    verdict: z.enum([
      'passed',
      'violated',
      'threshold-failed',
      'inconclusive',
      'service-lost',
      'interrupted',
    ]),
    exitCode: z.literal([
      ExitCode.passed,
      ExitCode.serviceUnavailable,
      ExitCode.invariantViolated,
      ExitCode.thresholdFailed,
      ExitCode.inconclusive,
      ExitCode.interrupted,
    ]),
    reasons: z.array(z.string()).describe('Why, the weightiest first.'),
    interrupted: z.boolean().describe('Somebody ended the run early.'),
    notes: z.array(z.string()).describe('What a reader should know of how the run came about.'),
    run,
    environment,
    orders,
    failures: z.array(failure).max(10).describe('The most frequent reasons of failed and unknown orders.'),
    iterations,
    latency: z
      .object(stages)
      .catchall(latency)
      .describe('By metric: the engine’s stages and the load’s own.'),
    steps: z
      .array(step)
      .optional()
      .describe('The steps of the journey by their tags: the series of step.latency.'),
    cache,
    lock,
    queue,
    cost,
    model,
    stock: z
      .array(z.strictObject({ sku: count('Place in the catalogue, from 0.'), ...units }))
      .max(MAX_STOCK_ROWS)
      .describe('Oversold SKUs first, then those with the most units taken.'),
    stockTotal: z.strictObject({ skus: count('SKUs in the catalogue.'), ...units }),
    audit: z.array(audited),
    thresholds: z.array(threshold),
    generator,
    timeline: z.array(moment),
  })
  .meta({
    title: 'trade-sim.result/1',
    description: 'The result of one run of trade-sim.',
  });

export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

export type Result = DeepReadonly<z.infer<typeof resultSchema>>;

import { z } from 'zod';
import { meanInterval } from '../measure/statistics.ts';
import { mergeAll } from '../measure/snapshot.ts';
import { summarize } from '../measure/summary.ts';
import { mergeCost } from './merge/cost.ts';
import { resultSchema, type Result } from './model.ts';

const interval = z.strictObject({
  mean: z.number(),
  low: z.number().nullable().describe('Lower end of the 95 % interval over the rounds. null: one round.'),
  high: z.number().nullable(),
});

const microseconds = (description: string) => z.number().min(0).describe(`${description}, in µs.`);

const arm = z.strictObject({
  choices: z.record(z.string(), z.string()).describe('What this combination sets, by field.'),
  verdict: resultSchema.shape.verdict.describe('The worst of its rounds.'),
  reasons: z.array(z.string()).describe('Of the worst round.'),
  ordersPerSecond: interval.describe('Orders that got a definite answer, per second of the load.'),
  p50Us: microseconds('order.latency, all rounds merged: 50th percentile'),
  p99Us: microseconds('order.latency, all rounds merged: 99th percentile'),
  p99UsByRound: interval.describe('The same, round by round.'),
  lockWaitP99Us: microseconds('lock.wait, all rounds merged: 99th percentile'),
  contendedRatio: z
    .number()
    .min(0)
    .max(1)
    .describe('Attempts that did not win their lock or optimistic retry.'),
  hitRatio: resultSchema.shape.cache.shape.hitRatio,
  loadsPerSecond: z.number().min(0).describe('Product pages loaded from the database.'),
  serialBoundRatio: z.number().min(0).nullable().describe('Of the serial bound of one lock. null: no lock.'),
  redisCommandsPerOrder: resultSchema.shape.cost.shape.redisCommandsPerOrder,
  messagesPerOrder: resultSchema.shape.cost.shape.messagesPerOrder,
  transactionsPerOrder: resultSchema.shape.cost.shape.transactionsPerOrder,
  cpuMsPerOrder: resultSchema.shape.cost.shape.cpuMsPerOrder,
  oversoldUnits: z.number().min(0).describe('Over all rounds.'),
  runs: z
    .array(
      z.strictObject({ runId: z.string(), verdict: resultSchema.shape.verdict, ordersPerSecond: z.number() }),
    )
    .describe('In the order of the rounds.'),
});

/** What `compare` found: `trade-sim.comparison/1`. */
export const comparisonSchema = z.strictObject({
  schema: z.literal('trade-sim.comparison/1'),
  scenario: z.string(),
  seed: z.int(),
  rounds: z.int().min(1),
  interrupted: z.boolean(),
  command: z.string(),
  environment: resultSchema.shape.environment,
  services: resultSchema.shape.run.shape.services,
  arms: z.array(arm).min(1),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type Arm = Comparison['arms'][number];

/** From best to worst. */
const VERDICTS = [
  'passed',
  'interrupted',
  'inconclusive',
  'threshold-failed',
  'service-lost',
  'violated',
] as const;

/** Puts the rounds of one combination together. At least one. */
export const armOf = (choices: Readonly<Record<string, string>>, results: readonly Result[]): Arm => {
  const worst = results.toSorted((a, b) => VERDICTS.indexOf(b.verdict) - VERDICTS.indexOf(a.verdict))[0]!;
  const total = (pick: (result: Result) => number) => results.reduce((sum, result) => sum + pick(result), 0);
  const seconds = total(({ run }) => run.durationMs) / 1_000;
  const merged = (metric: 'order.latency' | 'lock.wait') =>
    summarize(
      mergeAll(
        results.map(({ latency }) => ({
          histograms: latency[metric].count > 0 ? { [metric]: latency[metric].hdr } : {},
          counters: {},
          peaks: {},
        })),
      ).histograms[metric],
    );
  const reads = total(({ cache }) => cache.reads);
  const bounds = results.flatMap(({ lock }) => lock.serialBound?.reachedRatio ?? []);
  const latency = merged('order.latency');
  return {
    choices,
    verdict: worst.verdict,
    reasons: [...worst.reasons],
    ordersPerSecond: meanInterval(results.map(answeredPerSecond)),
    p50Us: latency.p50,
    p99Us: latency.p99,
    p99UsByRound: meanInterval(results.map((result) => result.latency['order.latency'].p99)),
    lockWaitP99Us: merged('lock.wait').p99,
    contendedRatio:
      total(({ orders }) => orders.contended) /
      Math.max(
        1,
        total(({ orders }) => orders.attempted),
      ),
    hitRatio: reads > 0 ? total(({ cache }) => cache.hits) / reads : null,
    loadsPerSecond: total(({ cache }) => cache.loads) / seconds,
    serialBoundRatio: bounds.length > 0 ? meanInterval(bounds).mean : null,
    ...mergeCost(results),
    oversoldUnits: total(({ stockTotal }) => stockTotal.oversold ?? 0),
    runs: results.map((result) => ({
      runId: result.run.id,
      verdict: result.verdict,
      ordersPerSecond: answeredPerSecond(result),
    })),
  };
};

const answeredPerSecond = ({ orders, run }: Result): number =>
  ((orders.accepted + orders.replayed + orders.soldOut + orders.limitReached) * 1_000) / run.durationMs;

import { z } from 'zod';
import { resultSchema, type Result } from './model.ts';

const interval = z.strictObject({
  mean: z.number(),
  low: z.number().nullable().describe('Lower end of the 95 % interval over the rounds. null: one round.'),
  high: z.number().nullable(),
});

const amount = (description: string) => z.number().min(0).describe(description);
const microseconds = (description: string) => amount(`${description}, in µs.`);
const { cost, cache, run } = resultSchema.shape;
const { verdict, environment } = resultSchema.shape;

const design = z.strictObject({
  options: z.int().min(0).describe('Options that its four strategies have.'),
  services: z.array(z.string()).describe('That it needs, the ledger’s database included.'),
  lockMasters: z.int().min(0).describe('Redis servers that its lock needs for itself.'),
  oversellSafe: z
    .enum(['always', 'while-leased', 'never'])
    .describe(
      'What its lock and stock promise together. while-leased: as long as no holder outlives its lease; never: nothing keeps orders apart.',
    ),
  delivery: z.string().describe('How its queue delivers.'),
});

const arm = z.strictObject({
  label: z.string().describe('Its name in the plan, or what was varied, in words.'),
  design: z.string().describe('The same without the number of nodes.'),
  choices: z.record(z.string(), z.string()).describe('What this combination sets, by field.'),
  nodes: z.int().min(1),
  isOpenLoad: z.boolean().describe('Iterations begin at a given rate, which bounds orders per second.'),
  verdict: verdict.describe('The worst of its rounds.'),
  reasons: z.array(z.string()).describe('Of the worst round.'),
  ordersPerSecond: interval.describe('Orders that got a definite answer, per second of the load.'),
  p50Us: microseconds('order.latency, all rounds merged: 50th percentile'),
  p99Us: microseconds('order.latency, all rounds merged: 99th percentile'),
  p50UsByRound: interval.describe('The same, round by round.'),
  p99UsByRound: interval.describe('The same, round by round.'),
  orderLatency: z
    .strictObject({ count: z.int().min(0), hdr: z.string() })
    .describe('order.latency, all rounds merged: the whole histogram, as in a result.'),
  lockWaitP99Us: microseconds('lock.wait, all rounds merged: 99th percentile'),
  lockWaitP99UsByRound: interval.describe('The same, round by round.'),
  contendedRatio: amount('Attempts that did not win their lock or optimistic retry.').max(1),
  hitRatio: cache.shape.hitRatio,
  hitRatioByRound: interval.nullable().describe('The same, round by round. null: a round without reads.'),
  loadsPerSecond: amount('Product pages loaded from the database.'),
  loadsPerExpiry: amount(
    'Loads for each life of a cache entry that was over; 1 is ideal. null: no entry’s life was.',
  ).nullable(),
  peakConcurrentLoads: z.int().min(0).describe('Most loads at one moment on one node, in any round.'),
  serialBoundRatio: amount('Of the serial bound of one lock. null: no lock.').nullable(),
  ...cost.shape,
  cpuMsPerOrderByRound: interval.nullable().describe('Round by round. null: a round without orders.'),
  oversoldUnits: amount('Over all rounds.'),
  designFacts: design,
  configuration: z.record(z.string(), z.unknown()).describe('The scenario as it ran, with the first seed.'),
  runs: z
    .array(
      z.strictObject({
        runId: z.string(),
        verdict,
        ordersPerSecond: z.number(),
        invariants: z.strictObject({
          held: z.int().min(0),
          violated: z.int().min(0),
          unknown: z.int().min(0),
        }),
        overheadMs: amount('Wall time that the round took beyond warm-up, load and drain.'),
      }),
    )
    .min(1)
    .describe('In the order of the rounds.'),
});

const range = z.strictObject({ low: z.number(), high: z.number() });

const scaling = z.strictObject({
  design: z.string(),
  steps: z.array(
    z.strictObject({ nodes: z.int().min(1), rates: z.array(z.number()).describe('orders/s by round.') }),
  ),
  ratio: amount('orders/s of the most nodes / those of the fewest.').nullable(),
  fit: z
    .strictObject({
      lambda: z.number().describe('orders/s of one node.'),
      sigma: amount('Contention.'),
      kappa: amount('Coherence.'),
      peakNodes: amount('Where more nodes no longer help. null: nowhere in sight.').nullable(),
      r2: z.number().describe('1: the curve goes through the mean of every step.'),
      intervals: z
        .strictObject({
          sigma: range,
          kappa: range,
          peakNodes: z.strictObject({ low: z.number(), high: z.number().nullable() }).nullable(),
        })
        .nullable()
        .describe('95 % intervals, the rounds drawn anew. null: a step has one round.'),
    })
    .nullable()
    .describe(
      'The Universal Scalability Law X(N) = λN / (1 + σ(N−1) + κN(N−1)). null: fewer than three node counts.',
    ),
});

const decision = z.strictObject({
  design: z.string(),
  nodes: z.int().min(1).describe('Of the arm that the figures are of: its fastest one.'),
  performance: z.strictObject({ ordersPerSecond: interval, p99Us: z.number() }),
  scalability: z
    .strictObject({
      peakNodes: z.number().nullable(),
      ratio: z.number().nullable(),
      fewest: z.int(),
      most: z.int(),
      isFitted: z.boolean(),
    })
    .nullable()
    .describe('null: the number of nodes was not varied.'),
  security: z.strictObject({
    rounds: z.int(),
    violatedRounds: z.int().min(0),
    unknownRounds: z
      .int()
      .min(0)
      .describe('In which an invariant could not be judged, and none was violated.'),
    oversellSafe: design.shape.oversellSafe,
    delivery: z.string(),
  }),
  ease: design.pick({ options: true, services: true, lockMasters: true }),
  cost,
});

/** What `compare` found: `trade-sim.comparison/1`. Described in docs/comparison.md. */
export const comparisonSchema = z.strictObject({
  schema: z.literal('trade-sim.comparison/1'),
  scenario: z.string(),
  seed: z.int(),
  rounds: z.int().min(1),
  interrupted: z.boolean(),
  command: z.string(),
  environment,
  services: run.shape.services,
  arms: z.array(arm).min(1),
  scalability: z.array(scaling).describe('Of each combination whose number of nodes was varied.'),
  decision: z.array(decision).min(1).describe('A row for each combination, whatever its number of nodes.'),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type Arm = Comparison['arms'][number];
export type Scaling = Comparison['scalability'][number];
export type Decision = Comparison['decision'][number];
export type DesignFacts = Arm['designFacts'];

interface Answered {
  readonly orders: Pick<Result['orders'], 'accepted' | 'replayed' | 'soldOut' | 'limitReached'>;
  readonly run: Pick<Result['run'], 'durationMs'>;
}

/** Attempts that got a definite answer: a new order, a replayed one, or a refusal that the shop stands by. */
export const answeredPerSecond = ({ orders, run }: Answered): number =>
  ((orders.accepted + orders.replayed + orders.soldOut + orders.limitReached) * 1_000) / run.durationMs;

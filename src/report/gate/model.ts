import { z } from 'zod';
import { ExitCode } from '../../kernel/exit-codes.ts';
import { resultSchema, type DeepReadonly } from '../model.ts';
import { GATE_METRICS } from './metrics.ts';

const share = (description: string) => z.number().describe(`${description} A share: 0.05 is 5 %.`);
const figure = (description: string) =>
  z.number().min(0).describe(`${description} Orders per second, or µs.`);

export const roundSchema = z.strictObject({
  arm: z.enum(['base', 'candidate']),
  pair: z.int().min(1).describe('From 1. Both rounds of a pair have the same seed.'),
  runId: z.string(),
  throughput: z.number().min(0).describe('Orders that got a definite answer, per second of the load.'),
  p50: z.number().min(0).describe('order.latency, µs'),
  p95: z.number().min(0).describe('order.latency, µs'),
  p99: z.number().min(0).describe('order.latency, µs'),
  orders: z.int().min(0).describe('Attempts to place an order.'),
  saturated: z.boolean().describe('The load generator was at its own limit.'),
});
export type GateRound = Readonly<z.infer<typeof roundSchema>>;

const metric = z.strictObject({
  metric: z.enum(GATE_METRICS),
  verdict: z.enum(['passed', 'regression', 'inconclusive']),
  base: figure('Median over the rounds; of a baseline, as it would be on this machine.'),
  candidate: figure('Median over the rounds.'),
  change: share('From base to candidate: the median of the pairs, or the difference of the medians.'),
  low: share('Lower end of the 95 % interval of the change.'),
  high: share('Upper end of it.'),
  margin: share('The change for the worse that is tolerated.'),
  p: z.number().min(0).max(1).describe('One-sided: of a change for the worse as large as this, by chance.'),
  holmP: z.number().min(0).max(1).describe('The same, for all metrics of the gate at once (Holm).'),
  detectable: share('The smallest change for the worse that would have been found 80 times of 100.'),
  spread: z.number().min(0).describe('Standard deviation of the log ratio of a pair.'),
});
export type GateMetricFinding = Readonly<z.infer<typeof metric>>;

const invariant = z.strictObject({
  invariant: z.string(),
  verdict: resultSchema.shape.audit.element.shape.verdict.describe('The worst over all rounds.'),
  detail: z.string().describe('Of the worst round.'),
});

const speed = z.strictObject({
  cpu: z.number().positive(),
  redis: z.number().positive().nullable().describe('null: embedded.'),
  postgres: z.number().positive().nullable().describe('null: embedded.'),
  mean: z.number().positive().describe('Geometric mean: what the baseline was multiplied by.'),
});

/** What `trade-sim gate` found: `trade-sim.gate/1`. */
export const gateSchema = z.strictObject({
  schema: z.literal('trade-sim.gate/1'),
  verdict: z.enum([
    'passed',
    'regression',
    'violated',
    'inconclusive',
    'informational',
    'service-lost',
    'interrupted',
  ]),
  exitCode: z.literal([
    ExitCode.passed,
    ExitCode.serviceUnavailable,
    ExitCode.invariantViolated,
    ExitCode.regression,
    ExitCode.inconclusive,
    ExitCode.interrupted,
  ]),
  reasons: z.array(z.string()).describe('Why, the weightiest first.'),
  scenario: z.string(),
  seed: z.int(),
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0).describe('Of the whole gate.'),
  command: z.string(),
  base: z.string().describe('What it was measured against.'),
  against: z.enum(['arm', 'baseline']).describe('arm: measured in turns; baseline: recorded before.'),
  pairs: z.int().min(0).describe('Of rounds that were judged; against a baseline, rounds.'),
  maxPairs: z.int().min(1),
  metrics: z.array(metric).describe('Empty: there were not enough rounds.'),
  invariants: z.array(invariant),
  saturatedRounds: z.int().min(0),
  speed: speed.optional().describe('Of this machine, 1 being that of the baseline.'),
  notes: z.array(z.string()),
  environment: resultSchema.shape.environment,
  services: resultSchema.shape.run.shape.services,
  rounds: z.array(roundSchema),
});
export type GateReport = DeepReadonly<z.infer<typeof gateSchema>>;

import { z } from 'zod';
import { answeredPerSecond } from '../comparison.ts';
import { resultSchema, type DeepReadonly } from '../model.ts';
import type { GateRound } from './model.ts';

const { run, orders, latency, audit, generator } = resultSchema.shape;
const figures = latency.shape['order.latency'].pick({ p50: true, p95: true, p99: true, hdr: true });

/** What of a result a gate reads. Everything else may be as another version of trade-sim has it. */
export const gatedSchema = z.object({
  verdict: resultSchema.shape.verdict,
  reasons: resultSchema.shape.reasons,
  run: z.object(run.pick({ id: true, durationMs: true }).shape),
  orders: z.object(
    orders.pick({ attempted: true, accepted: true, replayed: true, soldOut: true, limitReached: true }).shape,
  ),
  latency: z.object({ 'order.latency': z.object(figures.shape) }),
  audit: z.array(z.object(audit.element.pick({ invariant: true, verdict: true, detail: true }).shape)),
  generator: z.object(generator.pick({ saturated: true }).shape),
});
export type Gated = DeepReadonly<z.infer<typeof gatedSchema>>;

/** A round as a gate's report keeps it. `pair` counts from 1. */
export const roundOf = (arm: GateRound['arm'], pair: number, gated: Gated): GateRound => {
  const { run, orders, latency, generator } = gated;
  const { p50, p95, p99 } = latency['order.latency'];
  return {
    arm,
    pair,
    runId: run.id,
    throughput: answeredPerSecond({ orders, run }),
    p50,
    p95,
    p99,
    orders: orders.attempted,
    saturated: generator.saturated,
  };
};

/** Without orders there are no figures, and no ratio of them. */
export const isEmpty = ({ throughput, p50 }: GateRound): boolean => throughput <= 0 || p50 <= 0;

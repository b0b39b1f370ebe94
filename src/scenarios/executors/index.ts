import { z } from 'zod';
import { burst } from './burst.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import type { Executor, LoadPlan } from './executor.ts';
import { peakVus } from './levels.ts';
import { perVuIterations } from './per-vu-iterations.ts';
import { rampingArrivalRate } from './ramping-arrival-rate.ts';
import { rampingVus } from './ramping-vus.ts';
import { sharedIterations } from './shared-iterations.ts';

/** Every load model by the name users type. A field that several have chooses the first of them. */
export const EXECUTORS = {
  'constant-vus': constantVus,
  'ramping-vus': rampingVus,
  'per-vu-iterations': perVuIterations,
  'shared-iterations': sharedIterations,
  'constant-arrival-rate': constantArrivalRate,
  'ramping-arrival-rate': rampingArrivalRate,
  burst,
} as const;

/** The load block of a scenario. */
export const loadSchema = z.discriminatedUnion('executor', [
  constantVus.schema,
  rampingVus.schema,
  perVuIterations.schema,
  sharedIterations.schema,
  constantArrivalRate.schema,
  rampingArrivalRate.schema,
  burst.schema,
]);
export type LoadConfig = z.output<typeof loadSchema>;

const executorOf = ({ executor }: LoadConfig): Executor => EXECUTORS[executor];

/** A load in a few words: `400/s for 10.0s`, `50 VUs for 30.0s or 1,000 iterations`. */
export const describeLoad = (config: LoadConfig): string => executorOf(config).describe(config);

export const planOf = (config: LoadConfig): LoadPlan => executorOf(config).plan(config);

/** Virtual users over all nodes at most. */
export const maxVusOf = (plan: LoadPlan): number =>
  plan.kind === 'arrivals' ? plan.maxVus : peakVus(plan.levels);

/** What goes before the measured load: its peak, held for the time of the warm-up. */
export const warmUpOf = (config: LoadConfig): LoadConfig => {
  const plan = planOf(config);
  const { warmupMs, gracefulStopMs } = config;
  const times = { durationMs: warmupMs, warmupMs, gracefulStopMs };
  if (plan.kind === 'users') return { executor: 'constant-vus', vus: maxVusOf(plan), ...times };
  const { curve, spacing: arrivals, maxVus } = plan;
  return { executor: 'constant-arrival-rate', rate: curve.peakRate, arrivals, maxVus, ...times };
};

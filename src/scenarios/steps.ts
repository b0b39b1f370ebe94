import { z } from 'zod';
import { seriesName } from '../kernel/series.ts';
import { whole } from './fields.ts';

/** The metric of all steps, tagged by step, outcome and, if asked for, node. */
export const STEP_METRIC = 'step.latency';

/** What customers ask of a shop, each with all the ways it may end. */
export const STEP_OUTCOMES = {
  browse: ['found', 'missing', 'failed'],
  'add-to-cart': ['done', 'failed'],
  'take-cart': ['done', 'failed'],
  place: ['accepted', 'replayed', 'sold-out', 'limit-reached', 'contended', 'failed', 'unknown'],
  pay: ['done', 'rejected', 'failed', 'unknown'],
  cancel: ['done', 'rejected', 'failed', 'unknown'],
} as const;
export type Step = keyof typeof STEP_OUTCOMES;
export type StepEnding<S extends Step = Step> = (typeof STEP_OUTCOMES)[S][number];

export interface StepsConfig {
  readonly byNode: boolean;
  readonly maxSeries: number;
}

export const stepsSchema = z.strictObject({
  byNode: z.boolean().default(false).describe('a series for each node as well'),
  maxSeries: whole(
    1,
    1_024,
    'series at most: one for each step, outcome and, by node, engine node. More are refused before the run',
  ).default(64),
});

/** How many series a run may come to have. The sets of all tags are known, so that none can grow without end. */
export const countSeries = (steps: readonly Step[], { byNode }: StepsConfig, nodes: number): number =>
  steps.reduce((sum, step) => sum + STEP_OUTCOMES[step].length, 0) * (byNode ? nodes : 1);

/** `node`: undefined when nodes are not told apart. */
export const stepSeries = (step: Step, outcome: StepEnding, node: number | undefined): string =>
  seriesName(STEP_METRIC, { step, outcome, ...(node !== undefined && { node: String(node) }) });

import type { Misfit } from '../engine/combinations.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { STEP_OUTCOMES, type Step, type StepsConfig } from './steps.ts';
import type { Threshold } from './thresholds.ts';

/** Why no series of a journey's steps can ever have the tags that a threshold asks for. */
export const tagMisfit = (
  { tags }: Pick<Threshold, 'tags'>,
  journeySteps: readonly Step[],
  { byNode }: StepsConfig,
  nodes: number,
): Misfit | undefined => {
  const { step, outcome, node } = tags;
  const steps = journeySteps.filter((name) => step === undefined || name === step);
  if (steps.length === 0)
    return { what: `the journey has no step "${step}"`, hint: didYouMean(step!, journeySteps) };
  const outcomes = new Set(steps.flatMap((name): readonly string[] => STEP_OUTCOMES[name]));
  if (outcome !== undefined && !outcomes.has(outcome))
    return { what: `no such step ends as "${outcome}"`, hint: didYouMean(outcome, [...outcomes]) };
  if (node === undefined) return undefined;
  if (!byNode) return { what: 'nodes are not told apart', hint: 'Set steps.byNode: true.' };
  const known = Array.from({ length: nodes }, (_, index) => String(index));
  return known.includes(node)
    ? undefined
    : { what: `there is no node "${node}"`, hint: didYouMean(node, known) };
};

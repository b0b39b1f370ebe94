import type { Arm, Comparison } from '../comparison.ts';
import { decisionOf } from './decision.ts';
import { scalabilityOf } from './scalability.ts';

/** Adds what follows from the arms. */
export const buildComparison = (
  found: Omit<Comparison, 'schema' | 'scalability' | 'decision'> & { readonly arms: readonly Arm[] },
): Comparison => {
  const scalability = scalabilityOf(found.arms, found.seed);
  return {
    schema: 'trade-sim.comparison/1',
    ...found,
    scalability,
    decision: decisionOf(found.arms, scalability),
  };
};

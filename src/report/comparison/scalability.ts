import { SeededRandom } from '../../kernel/random.ts';
import { fitUsl, uslIntervals, type Step } from '../../measure/usl.ts';
import type { Arm, Scaling } from '../comparison.ts';

export const NODES_FIELD = 'engine.nodes';

/** Arms that differ in their number of nodes alone, in the order in which the first of each came. */
export const armsByDesign = (arms: readonly Arm[]): Arm[][] => {
  const groups = new Map<string, Arm[]>();
  for (const arm of arms) {
    const { [NODES_FIELD]: _, ...choices } = arm.choices;
    const key = JSON.stringify([
      arm.design,
      Object.entries(choices).toSorted(([a], [b]) => a.localeCompare(b)),
    ]);
    groups.set(key, [...(groups.get(key) ?? []), arm]);
  }
  return [...groups.values()];
};

/** How each combination grows with its nodes; those with one number of nodes are left out. */
export const scalabilityOf = (arms: readonly Arm[], seed: number): Scaling[] =>
  armsByDesign(arms).flatMap((group) => {
    const steps = group
      .map(({ nodes, runs }): Step => ({ nodes, rates: runs.map(({ ordersPerSecond }) => ordersPerSecond) }))
      .toSorted((a, b) => a.nodes - b.nodes);
    if (new Set(steps.map(({ nodes }) => nodes)).size < 2) return [];
    return [
      { design: group[0]!.design, steps: steps.map(copyOf), ratio: ratioOf(steps), fit: fitOf(steps, seed) },
    ];
  });

const copyOf = ({ nodes, rates }: Step) => ({ nodes, rates: [...rates] });

const meanOf = ({ rates }: Step): number => rates.reduce((sum, rate) => sum + rate, 0) / rates.length;

const ratioOf = (steps: readonly Step[]): number | null => {
  const [fewest, most] = [meanOf(steps[0]!), meanOf(steps.at(-1)!)];
  return fewest > 0 ? most / fewest : null;
};

const fitOf = (steps: readonly Step[], seed: number): Scaling['fit'] => {
  const fit = fitUsl(steps);
  if (fit === undefined) return null;
  return { ...fit, intervals: uslIntervals(steps, new SeededRandom(seed)) ?? null };
};

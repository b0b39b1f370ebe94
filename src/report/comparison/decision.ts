import type { Arm, Decision, Scaling } from '../comparison.ts';
import { armsByDesign } from './scalability.ts';

/** The article's five criteria, a row for each combination, each with a figure that was measured or counted. */
export const decisionOf = (arms: readonly Arm[], scalability: readonly Scaling[]): Decision[] =>
  armsByDesign(arms).map((group) => {
    const fastest = group.toSorted((a, b) => b.ordersPerSecond.mean - a.ordersPerSecond.mean)[0]!;
    const { designFacts, redisCommandsPerOrder, messagesPerOrder, transactionsPerOrder, cpuMsPerOrder } =
      fastest;
    return {
      design: fastest.design,
      nodes: fastest.nodes,
      performance: { ordersPerSecond: fastest.ordersPerSecond, p99Us: fastest.p99Us },
      scalability: scaledBy(scalability.find(({ design }) => design === fastest.design)),
      security: securityOf(group),
      ease: {
        options: designFacts.options,
        services: [...designFacts.services],
        lockMasters: designFacts.lockMasters,
      },
      cost: { redisCommandsPerOrder, messagesPerOrder, transactionsPerOrder, cpuMsPerOrder },
    };
  });

const scaledBy = (scaling: Scaling | undefined): Decision['scalability'] =>
  scaling === undefined
    ? null
    : {
        peakNodes: scaling.fit?.peakNodes ?? null,
        ratio: scaling.ratio,
        fewest: scaling.steps[0]!.nodes,
        most: scaling.steps.at(-1)!.nodes,
        isFitted: scaling.fit !== null,
      };

/** Over the rounds of all its numbers of nodes: a violation on four of them is one of the design. */
const securityOf = (group: readonly Arm[]): Decision['security'] => {
  const rounds = group.flatMap(({ runs }) => runs.map(({ invariants }) => invariants));
  const { oversellSafe, delivery } = group[0]!.designFacts;
  return {
    rounds: rounds.length,
    violatedRounds: rounds.filter(({ violated }) => violated > 0).length,
    unknownRounds: rounds.filter(({ violated, unknown }) => violated === 0 && unknown > 0).length,
    oversellSafe,
    delivery,
  };
};

/**
 * p values that allow for having asked several questions at once, in the order given (Holm 1979, step-down): whoever
 * takes those up to 0.05 is wrong about any of them in 5 of 100 cases at most.
 */
export const holm = (pValues: readonly number[]): number[] => {
  const order = pValues.map((_, index) => index).toSorted((a, b) => pValues[a]! - pValues[b]!);
  const adjusted: number[] = pValues.map(() => 1);
  let reached = 0;
  for (const [rank, index] of order.entries()) {
    reached = Math.max(reached, Math.min(1, pValues[index]! * (pValues.length - rank)));
    adjusted[index] = reached;
  }
  return adjusted;
};

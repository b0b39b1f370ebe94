/** States a fact the code relies on; a failure is a defect of trade-sim, never of its input. */
export function assert(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${fact}`);
}

/** Ends a switch over a tagged union that must be exhaustive. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};

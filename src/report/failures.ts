import type { Result } from './model.ts';

type Failure = Result['failures'][number];

/** How many reasons a result lists. */
export const MAX_FAILURES = 10;

/** The most frequent reasons, equal ones counted together. */
export const topFailures = (failures: readonly Failure[]): Failure[] => {
  const byReason = new Map<string, Failure>();
  for (const failure of failures) {
    const key = `${failure.outcome} ${failure.reason}`;
    byReason.set(key, { ...failure, count: failure.count + (byReason.get(key)?.count ?? 0) });
  }
  return [...byReason.values()].toSorted((a, b) => b.count - a.count).slice(0, MAX_FAILURES);
};

import { wallClock, sleep } from '../kernel/clock.ts';
import type { WorkerPool } from '../load/pool.ts';
import type { OpenSpace } from '../load/space.ts';

const POLL_MS = 20;
/** Without a count to reach, quiet for this long is taken for empty. */
const QUIET_MS = 1_000;

/**
 * Waits until every event has come out of the queue and is in the ledger or set aside. `false`: it has not by
 * `deadlineMs` from now, or the signal ended the wait.
 */
export const drain = async (
  pool: WorkerPool,
  space: OpenSpace,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const endMs = wallClock.now() + deadlineMs;
  let quietSinceMs: number | undefined;
  let lastSettled = -1;
  while (!signal.aborted && wallClock.now() < endMs) {
    const [flow, { waiting }] = await Promise.all([pool.flow(), space.backlog()]);
    const empty = waiting === 0 && flow.delivered === flow.settled;
    if (empty && flow.unknown === 0 && flow.settled >= flow.confirmed) return true;
    if (!empty || flow.settled !== lastSettled) quietSinceMs = undefined;
    lastSettled = flow.settled;
    quietSinceMs ??= empty ? wallClock.now() : undefined;
    if (quietSinceMs !== undefined && wallClock.now() - quietSinceMs >= QUIET_MS) return true;
    await sleep(wallClock, POLL_MS, signal);
  }
  return false;
};

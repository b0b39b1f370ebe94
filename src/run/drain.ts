import { sleep, wallClock } from '../kernel/clock.ts';
import type { WorkerPool } from '../load/pool.ts';
import type { OpenSpace } from '../load/space.ts';

const POLL_MS = 20;
/** Without a count to reach, quiet for this long is taken for empty. */
const QUIET_MS = 1_000;

/**
 * Waits until every event has come out of the queue and is in the ledger or set aside, and no change of a page is on its
 * way. `false`: it has not by `deadlineMs` from now, or the signal ended the wait. A look that fails is repeated: the
 * broker may come back.
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
  for (let leftMs = deadlineMs; leftMs > 0 && !signal.aborted; leftMs = endMs - wallClock.now()) {
    const state = await look(pool, space, leftMs, signal);
    if (state === undefined) quietSinceMs = undefined;
    else {
      const { empty, allSettled, settled } = state;
      if (empty && allSettled) return true;
      if (!empty || settled !== lastSettled) quietSinceMs = undefined;
      lastSettled = settled;
      quietSinceMs ??= empty ? wallClock.now() : undefined;
      if (quietSinceMs !== undefined && wallClock.now() - quietSinceMs >= QUIET_MS) return true;
    }
    await sleep(wallClock, POLL_MS, signal);
  }
  return false;
};

interface QueueState {
  /** Nothing waits, and what was delivered is dealt with. */
  readonly empty: boolean;
  /** Everything that was published is known to have come out again. */
  readonly allSettled: boolean;
  readonly settled: number;
}

const look = async (
  pool: WorkerPool,
  space: OpenSpace,
  limitMs: number,
  signal: AbortSignal,
): Promise<QueueState | undefined> => {
  const ended = new AbortController();
  const aborted = sleep(wallClock, limitMs, AbortSignal.any([signal, ended.signal])).then(() => undefined);
  try {
    const seen = await Promise.race([Promise.all([pool.flow(), space.backlog(), pool.settle()]), aborted]);
    if (seen === undefined) return undefined;
    const [{ confirmed, unknown, delivered, settled }, { waiting }] = seen;
    return {
      empty: waiting === 0 && delivered === settled,
      allSettled: unknown === 0 && settled >= confirmed,
      settled,
    };
  } catch {
    return undefined;
  } finally {
    ended.abort();
  }
};

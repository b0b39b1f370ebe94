import { wallClock, withDeadline } from '../kernel/clock.ts';
import type { WorkerPool } from '../load/pool.ts';
import type { OpenSpace } from '../load/space.ts';

/**
 * Events on their way to the ledger: those that wait, on the word of the service that holds them, and those that
 * were delivered and are not over with. null: no answer within `limitMs`.
 */
export const queueDepth = async (
  pool: Pick<WorkerPool, 'flow'>,
  space: Pick<OpenSpace, 'backlog'>,
  limitMs: number,
): Promise<number | null> => {
  const seen = Promise.all([space.backlog(), pool.flow()]);
  try {
    const noAnswer = () => new Error('no answer in time');
    const [{ waiting }, { delivered, settled }] = await withDeadline(wallClock, seen, limitMs, noAnswer);
    return waiting + Math.max(0, delivered - settled);
  } catch {
    return null;
  }
};

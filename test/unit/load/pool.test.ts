import { afterEach, describe, expect, it, vi } from 'vitest';
import { WorkerPool } from '../../../src/load/pool.ts';
import type { Segment, ToWorker, WorkerTask } from '../../../src/load/protocol.ts';
import type { WorkerThreads } from '../../../src/load/threads.ts';

/** Threads whose workers `finish` as told, and that count how often they were ended. */
const threads = (finishes: boolean) => {
  const counts = { ended: 0 };
  const run = ({ port }: WorkerTask): Promise<void> =>
    new Promise((resolve) => {
      port.on('message', ({ request }: ToWorker) => {
        if (request.kind === 'finish' && finishes) {
          port.close();
          resolve();
        }
      });
    });
  const end = () => {
    counts.ended += 1;
    return Promise.resolve();
  };
  return {
    counts,
    pool: new WorkerPool({ run, end } as unknown as WorkerThreads, [{} as Segment], () => {}),
  };
};

afterEach(() => vi.useRealTimers());

describe('the close of a pool', () => {
  it('leaves the threads to the next run', async () => {
    const { pool, counts } = threads(true);
    await pool.close();
    expect(counts.ended).toBe(0);
  });

  it('ends them when a worker does not come to its end', async () => {
    vi.useFakeTimers();
    const { pool, counts } = threads(false);
    const closed = pool.close();
    await vi.advanceTimersByTimeAsync(10_000);
    await closed;
    expect(counts.ended).toBe(1);
  });
});

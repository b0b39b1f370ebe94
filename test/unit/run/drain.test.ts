import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WorkerPool } from '../../../src/load/pool.ts';
import type { Flow } from '../../../src/load/protocol.ts';
import type { OpenSpace } from '../../../src/load/space.ts';
import { drain } from '../../../src/run/drain.ts';

const SETTLED: Flow = { confirmed: 5, unknown: 0, delivered: 5, settled: 5 };
const DEADLINE_MS = 30_000;
const POLL_MS = 20;
/** Not drained, which was said when the deadline was over, or a look later. */
const GIVEN_UP = [
  false,
  expect.toSatisfy((afterMs: number) => afterMs >= DEADLINE_MS && afterMs <= DEADLINE_MS + POLL_MS),
];
const calm = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Queue {
  readonly flow?: () => Promise<Flow>;
  readonly waiting?: () => Promise<number>;
  readonly settle?: () => Promise<void>;
}

/** Whether the queue was drained, and after how long. */
const drained = async (
  { flow = async () => SETTLED, waiting = async () => 0, settle = async () => {} }: Queue,
  signal = calm,
): Promise<[isDrained: boolean, afterMs: number]> => {
  const backlog = async () => ({ waiting: await waiting(), deadLettered: 0 });
  const startMs = performance.now();
  const answer = drain({ flow, settle } as WorkerPool, { backlog } as OpenSpace, DEADLINE_MS, signal).then(
    (isDrained): [boolean, number] => [isDrained, performance.now() - startMs],
  );
  await vi.advanceTimersByTimeAsync(2 * DEADLINE_MS);
  return answer;
};

describe('a queue is drained', () => {
  it('when everything confirmed is settled', async () => {
    const left = [3, 1, 0];
    expect(await drained({ waiting: async () => left.shift() ?? 0 })).toEqual([true, 2 * POLL_MS]);
    expect(left).toEqual([]);
  });

  it('when it was quiet for a second, where it cannot be known how much was to come', async () => {
    expect(await drained({ flow: async () => ({ ...SETTLED, unknown: 1 }) })).toEqual([true, 1_000]);
  });

  it('when it was quiet for a second after the last event', async () => {
    const lastMs = performance.now() + 600;
    const flow = async () => {
      const settled = performance.now() < lastMs ? 4 : 5;
      return { confirmed: 5, unknown: 1, delivered: settled, settled };
    };
    expect(await drained({ flow })).toEqual([true, 1_600]);
  });

  it('though the broker could not be asked at first', async () => {
    const looks = [() => Promise.reject(new Error('not connected')), async () => 0];
    expect(await drained({ waiting: () => looks.shift()!() })).toEqual([true, POLL_MS]);
  });
});

describe('a queue is not drained', () => {
  it('while messages wait', async () => {
    expect(await drained({ waiting: async () => 1 })).toEqual(GIVEN_UP);
  });

  it('while deliveries are under way', async () => {
    expect(await drained({ flow: async () => ({ ...SETTLED, settled: 4 }) })).toEqual(GIVEN_UP);
  });

  it('while changes of pages are on their way', async () => {
    expect(await drained({ settle: () => new Promise(() => {}) })).toEqual(GIVEN_UP);
  });

  it('when nobody answers', async () => {
    expect(await drained({ waiting: () => new Promise(() => {}) })).toEqual(GIVEN_UP);
  });

  it('when the wait is called off', async () => {
    const stop = new AbortController();
    const waiting = () => {
      stop.abort();
      return new Promise<number>(() => {});
    };
    expect(await drained({ waiting }, stop.signal)).toEqual([false, 0]);
  });
});

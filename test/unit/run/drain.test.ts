import { describe, expect, it } from 'vitest';
import type { WorkerPool } from '../../../src/load/pool.ts';
import type { Flow } from '../../../src/load/protocol.ts';
import type { OpenSpace } from '../../../src/load/space.ts';
import { drain } from '../../../src/run/drain.ts';

const SETTLED: Flow = { confirmed: 5, unknown: 0, delivered: 5, settled: 5 };
const LONG_MS = 30_000;
const SHORT_MS = 50;
const calm = new AbortController().signal;

interface Queue {
  readonly flow?: () => Promise<Flow>;
  readonly waiting?: () => Promise<number>;
  readonly settle?: () => Promise<void>;
}

const drained = (
  { flow = async () => SETTLED, waiting = async () => 0, settle = async () => {} }: Queue,
  deadlineMs: number,
  signal = calm,
): Promise<boolean> => {
  const backlog = async () => ({ waiting: await waiting(), deadLettered: 0 });
  return drain({ flow, settle } as WorkerPool, { backlog } as OpenSpace, deadlineMs, signal);
};

describe('a queue is drained', () => {
  it('when everything confirmed is settled', async () => {
    const left = [3, 1, 0];
    expect(await drained({ waiting: async () => left.shift() ?? 0 }, LONG_MS)).toBe(true);
    expect(left).toEqual([]);
  });

  it('when it is quiet, where it cannot be known how much was to come', async () => {
    expect(await drained({ flow: async () => ({ ...SETTLED, unknown: 1 }) }, LONG_MS)).toBe(true);
  });

  it('though the broker could not be asked at first', async () => {
    const looks = [() => Promise.reject(new Error('not connected')), async () => 0];
    expect(await drained({ waiting: () => looks.shift()!() }, LONG_MS)).toBe(true);
  });
});

describe('a queue is not drained', () => {
  it('while messages wait', async () => {
    expect(await drained({ waiting: async () => 1 }, SHORT_MS)).toBe(false);
  });

  it('while deliveries are under way', async () => {
    expect(await drained({ flow: async () => ({ ...SETTLED, settled: 4 }) }, SHORT_MS)).toBe(false);
  });

  it('while changes of pages are on their way', async () => {
    expect(await drained({ settle: () => new Promise(() => {}) }, SHORT_MS)).toBe(false);
  });

  it('when nobody answers', async () => {
    expect(await drained({ waiting: () => new Promise(() => {}) }, SHORT_MS)).toBe(false);
  });

  it('when the wait is called off', async () => {
    const stop = new AbortController();
    const waiting = () => {
      stop.abort();
      return new Promise<number>(() => {});
    };
    expect(await drained({ waiting }, LONG_MS, stop.signal)).toBe(false);
  });
});

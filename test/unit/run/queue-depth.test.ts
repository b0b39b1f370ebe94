import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../src/load/protocol.ts';
import { queueDepth } from '../../../src/run/queue-depth.ts';

const LONG_MS = 30_000;

const depth = (waiting: Promise<number>, flow: Partial<Flow>, limitMs = LONG_MS) =>
  queueDepth(
    { flow: async () => ({ confirmed: 0, unknown: 0, delivered: 0, settled: 0, ...flow }) },
    { backlog: async () => ({ waiting: await waiting, deadLettered: 0 }) },
    limitMs,
  );

describe('the depth of the queue', () => {
  it('is what waits, and what was delivered and is not over with', async () => {
    expect(await depth(Promise.resolve(30), { delivered: 12, settled: 7 })).toBe(35);
    expect(await depth(Promise.resolve(0), { delivered: 7, settled: 7 })).toBe(0);
  });

  it('is not less than what waits, whatever was settled twice', async () => {
    expect(await depth(Promise.resolve(3), { delivered: 5, settled: 6 })).toBe(3);
  });

  it('is not known when the broker does not answer, or refuses to', async () => {
    expect(await depth(new Promise(() => {}), {}, 20)).toBeNull();
    expect(await depth(Promise.reject(new Error('not connected')), {})).toBeNull();
  });
});

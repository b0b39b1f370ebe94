import { describe, expect, it } from 'vitest';
import type { LoadConfig } from '../../../../src/scenarios/executors/index.ts';
import { runExecutor } from './ran.ts';

const ramping = (startVus: number, ...stages: readonly (readonly [durationMs: number, vus: number])[]) => {
  const durationMs = stages.reduce((sum, [stageMs]) => sum + stageMs, 0);
  const config: LoadConfig = {
    executor: 'ramping-vus',
    startVus,
    stages: stages.map(([durationMs, vus]) => ({ durationMs, vus })),
    durationMs,
    warmupMs: 0,
    gracefulStopMs: 0,
  };
  return [config, durationMs] as const;
};

const run = (
  [config, durationMs]: ReturnType<typeof ramping>,
  setting: Parameters<typeof runExecutor>[1] = {},
) => runExecutor(config, { iterationMs: () => 1, ...setting, durationMs });

/** Iterations begun in a span of time, which at 1 ms each are the virtual users at work times its length. */
const begunIn = ({ iterations }: Awaited<ReturnType<typeof run>>, fromMs: number, untilMs: number) =>
  iterations.filter(({ startedMs }) => startedMs >= fromMs && startedMs < untilMs).length;

describe('ramping-vus', () => {
  it('brings virtual users one by one, holds them, and lets them go one by one', async () => {
    const ran = await run(ramping(0, [100, 10], [100, 10], [100, 0]));
    expect(ran.peak).toBe(10);
    expect(begunIn(ran, 100, 200)).toBe(1_000);
    for (const second of [10, 50, 90]) expect(begunIn(ran, second, second + 10)).toBe(second + 10);
    for (const second of [210, 250, 280]) expect(begunIn(ran, second, second + 10)).toBe(300 - second);
    expect(begunIn(ran, 300, Infinity)).toBe(0);
  });

  it('begins at its start, and jumps where a stage takes no time', async () => {
    const ran = await run(ramping(4, [50, 4], [0, 20], [50, 20], [0, 2], [50, 2]));
    expect([begunIn(ran, 0, 50), begunIn(ran, 50, 100), begunIn(ran, 100, 150)]).toEqual([200, 1_000, 100]);
  });

  it('runs the same iterations whatever the number of nodes', async () => {
    const stages = ramping(1, [300, 17], [200, 3], [300, 11]);
    const iterationMs = (number: number) => 1 + ((number * 7_919) % 50);
    const [one, ...others] = await Promise.all(
      [1, 2, 4].map((nodes) => run(stages, { nodes, iterationMs, startMs: 12.5 })),
    );
    expect(new Set(one!.numbers).size).toBe(one!.numbers.length);
    for (const other of others) expect(other.numbers).toEqual(one!.numbers);
  });

  it('lets a user who is to go end the iteration, and keeps one who is wanted again by then', async () => {
    const ran = await run(ramping(2, [0, 1], [50, 1], [0, 2], [50, 2]), { iterationMs: () => 80 });
    expect(ran.peak).toBe(2);
    const begins = ran.iterations.map(({ number, startedMs }) => [number, startedMs]);
    expect(begins).toEqual([
      [0, 0],
      [1, 50],
      [2, 80],
    ]);
    const overrun = await run(ramping(2, [10, 2], [0, 1], [20, 1], [0, 2], [90, 2]), {
      iterationMs: () => 50,
    });
    expect(overrun.iterations.map(({ number, startedMs }) => [number, startedMs])).toEqual([
      [0, 0],
      [1, 0],
      [2, 50],
      [3, 50],
      [4, 100],
      [5, 100],
    ]);
  });

  it('begins nothing after a stop, and does not wait for stages to come', async () => {
    const ran = await run(ramping(0, [10_000, 10], [3_600_000, 20]), {
      stopAtMs: 1_500,
      iterationMs: () => 100,
    });
    expect(Math.max(...ran.iterations.map(({ startedMs }) => startedMs))).toBeLessThan(1_500);
    expect(ran.endedMs).toBeLessThanOrEqual(1_600);
  });
});

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import type { Clock } from '../../../src/kernel/clock.ts';
import { tickOnGrid } from '../../../src/kernel/ticker.ts';

const lateBy = (clock: Clock, lateMs: (delayMs: number) => number): Clock => ({
  now: () => clock.now(),
  epoch: () => clock.epoch(),
  schedule: (delayMs, callback) => clock.schedule(delayMs + lateMs(delayMs), callback),
});

const ticksWithin = async (endMs: number, lateMs: (delayMs: number) => number): Promise<number[]> => {
  const virtual = new VirtualClock(0);
  const ticks: number[] = [];
  const cancel = tickOnGrid(lateBy(virtual, lateMs), 50, 100, () => ticks.push(virtual.now()));
  virtual.schedule(endMs, cancel);
  await virtual.run();
  return ticks;
};

describe('a ticker', () => {
  it('ticks at whole periods from its start until it is cancelled', async () => {
    expect(await ticksWithin(500, () => 0)).toEqual([150, 250, 350, 450]);
  });

  it('does not add lateness up', async () => {
    expect(await ticksWithin(500, () => 30)).toEqual([180, 280, 380, 480]);
  });

  it('leaves out what a stall made impossible', async () => {
    let stalls = 1;
    expect(await ticksWithin(600, () => (stalls-- > 0 ? 220 : 0))).toEqual([370, 450, 550]);
  });

  it('does not tick twice when a timer fires early', async () => {
    expect(await ticksWithin(500, (delayMs) => (delayMs > 50 ? -1 : 0))).toEqual([149, 249, 349, 449]);
  });
});

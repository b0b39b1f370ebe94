import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { wallClock } from '../../../src/kernel/clock.ts';
import { Metronome } from '../../../src/load/metronome.ts';

/** A metronome whose own clock stands still: only its thread can end a wait. */
const opened = () => {
  const clock = new VirtualClock(0);
  const metronome = new Metronome(clock);
  onTestFinished(() => metronome.close());
  return { metronome, clock };
};

describe('a metronome', () => {
  it('ends near waits by ticks of its thread, again and again, for all who wait', async () => {
    const { metronome, clock } = opened();
    let woken = 0;
    for (let round = 0; round < 20; round += 1) {
      const waits = Array.from({ length: 5 }, () => metronome.pause(1).then(() => (woken += 1)));
      await Promise.all(waits);
    }
    expect([woken, clock.now()]).toEqual([100, 0]);
  });

  it('leaves far waits to the clock, and wakes some time before', async () => {
    const { metronome, clock } = opened();
    const woken = metronome.pause(100).then(() => clock.now());
    await clock.run();
    const wokenMs = await woken;
    expect(wokenMs).toBeGreaterThan(90);
    expect(wokenMs).toBeLessThan(100);
  });

  it('lets nobody wait for a tick that does not come', async () => {
    const { metronome, clock } = opened();
    await metronome.close();
    const pause = metronome.pause(1);
    await clock.run();
    await pause;
    expect(clock.now()).toBe(5);
  });

  it('ends all waits when it is closed, once or twice', async () => {
    const metronome = new Metronome(wallClock);
    const pause = metronome.pause(1);
    await Promise.all([metronome.close(), metronome.close()]);
    await expect(pause).resolves.toBeUndefined();
  });
});

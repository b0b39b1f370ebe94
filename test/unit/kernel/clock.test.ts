import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { sleep, wallClock, withDeadline } from '../../../src/kernel/clock.ts';

const newClock = () => new VirtualClock(0);

describe('sleep', () => {
  it('ends when its time has passed, and not before', async () => {
    const clock = newClock();
    const waking = sleep(clock, 250).then((ending) => ({ ending, atMs: clock.now() }));
    await clock.run();
    expect(await waking).toEqual({ ending: 'elapsed', atMs: 250 });
  });

  it('ends early at an abort, and leaves nothing scheduled', async () => {
    const clock = newClock();
    const stop = new AbortController();
    clock.schedule(100, () => stop.abort());
    const waking = sleep(clock, 1_000, stop.signal).then((ending) => ({ ending, atMs: clock.now() }));
    await clock.run();
    expect(await waking).toEqual({ ending: 'aborted', atMs: 100 });
    expect(clock.now()).toBe(100);
  });

  it('does not begin when it was aborted before', async () => {
    const clock = newClock();
    expect(await sleep(clock, 1_000, AbortSignal.abort())).toBe('aborted');
    await clock.run();
    expect(clock.now()).toBe(0);
  });

  it('is not disturbed by an abort that comes later', async () => {
    const clock = newClock();
    const stop = new AbortController();
    const waking = sleep(clock, 100, stop.signal);
    await clock.run();
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    stop.abort();
    expect(await waking).toBe('elapsed');
  });

  it('takes one listener of a signal, however many sleep under it, and wakes them all', async () => {
    const clock = newClock();
    const stop = new AbortController();
    const waking = [100, 200, 300].map((delayMs) => sleep(clock, delayMs, stop.signal));
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    clock.schedule(150, () => stop.abort());
    await clock.run();
    expect(await Promise.all(waking)).toEqual(['elapsed', 'aborted', 'aborted']);
    expect(clock.now()).toBe(150);
  });
});

describe('withDeadline', () => {
  const late = () => new Error('too late');

  it('gives what the work gives, and leaves no timer behind', async () => {
    const clock = newClock();
    expect(await withDeadline(clock, Promise.resolve('done'), 500, late)).toBe('done');
    await clock.run();
    expect(clock.now()).toBe(0);
  });

  it('fails as the work fails', async () => {
    const work = Promise.reject(new Error('refused'));
    await expect(withDeadline(newClock(), work, 500, late)).rejects.toThrow('refused');
  });

  it('rejects at the deadline, whatever becomes of the work', async () => {
    const clock = newClock();
    const work = sleep(clock, 900).then(() => Promise.reject(new Error('nobody hears this')));
    const outcome = withDeadline(clock, work, 500, late).catch((error: Error) => ({
      message: error.message,
      atMs: clock.now(),
    }));
    await clock.run();
    expect(await outcome).toEqual({ message: 'too late', atMs: 500 });
  });
});

describe('wallClock', () => {
  it('is monotonic, and its epoch runs along', () => {
    const [nowMs, epochMs] = [wallClock.now(), wallClock.epoch()];
    expect(wallClock.now()).toBeGreaterThanOrEqual(nowMs);
    expect(wallClock.epoch()).toBeGreaterThanOrEqual(epochMs);
    expect(Math.abs(epochMs - Date.now())).toBeLessThan(60_000);
  });

  it('calls back in a later turn, also without a delay', async () => {
    const calls: string[] = [];
    const called = new Promise<void>((resolve) => {
      wallClock.schedule(0, () => {
        calls.push('callback');
        resolve();
      });
    });
    calls.push('scheduled');
    await called;
    expect(calls).toEqual(['scheduled', 'callback']);
  });

  it('does not call back what was cancelled', async () => {
    const calls: number[] = [];
    for (const delayMs of [0, 1]) wallClock.schedule(delayMs, () => calls.push(delayMs))();
    await sleep(wallClock, 5);
    await sleep(wallClock, 0);
    expect(calls).toEqual([]);
  });

  it('refuses a delay that a timer cannot hold, which would come at once', () => {
    for (const delayMs of [Infinity, 2 ** 31, NaN])
      expect(() => wallClock.schedule(delayMs, () => {})).toThrow('a delay fits a timer');
  });
});

import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { Turns } from '../../../src/engine/lock/turns.ts';

/** Turns at one key, and the order in which those who entered came in or gave up. */
const scene = () => {
  const clock = new VirtualClock(0);
  const turns = new Turns(clock);
  const log: string[] = [];
  const enter = async (name: string, waitMs = 1_000, signal?: AbortSignal) => {
    const entered = await turns.enter('key', { waitMs, signal });
    log.push(`${name} ${entered ? 'entered' : 'gave up'} at ${clock.now()}`);
  };
  return { clock, turns, log, enter };
};

describe('turns', () => {
  test('come in the order in which they were asked for', async () => {
    const { turns, log, enter } = scene();
    const entries = ['a', 'b', 'c'].map((name) => enter(name));
    await entries[0];
    expect(log).toEqual(['a entered at 0']);
    turns.leave('key');
    await entries[1];
    turns.leave('key');
    await entries[2];
    expect(log).toEqual(['a entered at 0', 'b entered at 0', 'c entered at 0']);
  });

  test('end a wait at its time, and pass over who gave up', async () => {
    const { clock, turns, log, enter } = scene();
    const entries = [enter('a'), enter('b', 10), enter('c', 30)];
    clock.schedule(20, () => turns.leave('key'));
    await clock.run();
    await Promise.all(entries);
    expect(log).toEqual(['a entered at 0', 'b gave up at 10', 'c entered at 20']);
  });

  test('are given up at once when the signal says so, before or during the wait', async () => {
    const { turns, log, enter } = scene();
    const abort = new AbortController();
    const entries = [enter('a'), enter('b', 1_000, abort.signal)];
    abort.abort();
    await Promise.all([...entries, enter('c', 1_000, abort.signal)]);
    expect(log.toSorted()).toEqual(['a entered at 0', 'b gave up at 0', 'c gave up at 0']);
    const next = enter('d');
    turns.leave('key');
    await next;
    expect(log.at(-1)).toBe('d entered at 0');
  });

  test('a woken waiter holds no timer and no listener any more', async () => {
    const { clock, turns, log, enter } = scene();
    const abort = new AbortController();
    const entries = [enter('a'), enter('b', 10, abort.signal)];
    turns.leave('key');
    await Promise.all(entries);
    abort.abort();
    await clock.run();
    expect(clock.now()).toBe(0);
    expect(log).toEqual(['a entered at 0', 'b entered at 0']);
  });

  test('are free again when all have left', async () => {
    const { turns, log, enter } = scene();
    for (const name of ['a', 'b']) {
      await enter(name);
      turns.leave('key');
    }
    expect(log).toEqual(['a entered at 0', 'b entered at 0']);
  });

  test('at different keys have nothing to do with each other', async () => {
    const { turns } = scene();
    const entered = await Promise.all(['x', 'y'].map((key) => turns.enter(key, { waitMs: 0 })));
    expect(entered).toEqual([true, true]);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { sleep, withDeadline } from '../../../src/kernel/clock.ts';

describe('a virtual clock', () => {
  test('stands still until it is run, and then jumps to its events', async () => {
    const clock = new VirtualClock(1_000);
    const seen: number[] = [];
    clock.schedule(250, () => seen.push(clock.now()));
    clock.schedule(0.5, () => seen.push(clock.epoch()));
    expect(clock.now()).toBe(0);
    await clock.run();
    expect(seen).toEqual([1_000.5, 250]);
    expect(clock.epoch()).toBe(1_250);
  });

  test('runs any events in order of time, and of scheduling at one time', async () => {
    const event = fc.record({ delayMs: fc.integer({ min: -1, max: 5 }), cancelled: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
        const clock = new VirtualClock(0);
        const ran: number[] = [];
        const cancels = events.map(({ delayMs }, index) => clock.schedule(delayMs, () => ran.push(index)));
        for (const [index, { cancelled }] of events.entries()) if (cancelled) cancels[index]!();
        await clock.run();
        const expected = events
          .map(({ delayMs, cancelled }, index) => ({ atMs: Math.max(0, delayMs), cancelled, index }))
          .filter(({ cancelled }) => !cancelled)
          .toSorted((a, b) => a.atMs - b.atMs || a.index - b.index);
        expect(ran).toEqual(expected.map(({ index }) => index));
      }),
    );
  });

  test('lets long chains of promises settle before the next event', async () => {
    const clock = new VirtualClock(0);
    const order: string[] = [];
    clock.schedule(1, () => {
      void (async () => {
        for (let hop = 0; hop < 200; hop += 1) await Promise.resolve();
        order.push(`chain at ${clock.now()}`);
      })();
    });
    clock.schedule(1, () => order.push('second'));
    await clock.run();
    expect(order).toEqual(['chain at 1', 'second']);
  });

  test('runs what events and promises schedule, also at the same time', async () => {
    const clock = new VirtualClock(0);
    const log: string[] = [];
    const worker = async (name: string, pauseMs: number) => {
      for (let round = 1; round <= 2; round += 1) {
        await sleep(clock, pauseMs);
        log.push(`${name}${round}@${clock.now()}`);
      }
    };
    const work = Promise.all([worker('a', 10), worker('b', 15), worker('c', 0)]);
    await clock.run();
    await work;
    expect(log).toEqual(['c1@0', 'c2@0', 'a1@10', 'b1@15', 'a2@20', 'b2@30']);
  });

  test('stops when told to, and goes on from there', async () => {
    const clock = new VirtualClock(0);
    let ticks = 0;
    const tick = () => {
      ticks += 1;
      clock.schedule(10, tick);
    };
    tick();
    await clock.run(() => ticks === 4);
    expect(clock.now()).toBe(30);
    await clock.run(() => ticks === 5);
    expect(clock.now()).toBe(40);
  });

  test('does not keep cancelled time limits', async () => {
    const clock = new VirtualClock(0);
    let rounds = 0;
    const work = async () => {
      for (; rounds < 5_000; rounds += 1) {
        await withDeadline(clock, sleep(clock, 1), 1_000_000, () => new Error('too late'));
      }
    };
    const done = work();
    await clock.run();
    await done;
    expect(clock.now()).toBe(5_000);
  });

  test('passes on what a callback throws', async () => {
    const clock = new VirtualClock(0);
    clock.schedule(5, () => {
      throw new Error('broken');
    });
    let later = false;
    clock.schedule(6, () => {
      later = true;
    });
    await expect(clock.run()).rejects.toThrow('broken');
    expect(later).toBe(false);
    await clock.run();
    expect(later).toBe(true);
  });

  test('is run by one caller at a time', async () => {
    const clock = new VirtualClock(0);
    clock.schedule(1, () => {});
    const run = clock.run();
    expect(() => clock.run()).toThrow('one caller at a time');
    await run;
  });
});

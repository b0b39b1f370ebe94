import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { Alarm } from '../../../src/engine/lock/alarm.ts';

/** An alarm, and when it has rung. */
const scene = () => {
  const clock = new VirtualClock(0);
  const rung: number[] = [];
  return { clock, rung, alarm: new Alarm(clock, () => rung.push(clock.now())) };
};

test('rings once, at the earliest of the times it was set for', async () => {
  const { clock, rung, alarm } = scene();
  for (const dueMs of [30, 10, 20, Infinity]) alarm.setFor(dueMs);
  await clock.run();
  expect(rung).toEqual([10]);
});

test('rings again when it is set again, also as it rings', async () => {
  const clock = new VirtualClock(0);
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => {
    rung.push(clock.now());
    if (rung.length < 3) alarm.setFor(clock.now() + 10);
  });
  alarm.setFor(10);
  await clock.run();
  expect(rung).toEqual([10, 20, 30]);
});

test('what is over already rings in a later turn', async () => {
  const { clock, rung, alarm } = scene();
  clock.schedule(20, () => {
    alarm.setFor(5);
    expect(rung).toEqual([]);
  });
  await clock.run();
  expect(rung).toEqual([20]);
});

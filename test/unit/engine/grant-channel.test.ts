import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { GrantChannel, type Run } from '../../../src/engine/lock/grant-channel.ts';

const scene = () => {
  const unwanted: Run[] = [];
  const silent = { subscribe: () => Promise.resolve(() => Promise.resolve()) };
  const parts = { redis: silent, clock: new VirtualClock(0) };
  const grants = new GrantChannel(parts, 'channel', 'me', (run) => void unwanted.push(run));
  return { grants, unwanted, enter: () => grants.enter('key', 100) };
};

test('a run is heard by its own node alone, and gives its tasks their turns in order, each with a fence', () => {
  const { grants, enter } = scene();
  const [one, two] = [enter(), enter()];
  expect(grants.hear('key', '7 1000 other 1,2')).toEqual([]);
  expect(one.turn).toBeUndefined();
  expect(grants.hear('key', '7 1000 me 1,2')).toEqual([1, 2]);
  expect([one.turn?.fence, two.turn]).toEqual([7, undefined]);
  expect(one.turn!.run.grantedMs).toBe(1_000);
  expect([grants.passOn(one.turn!.run), two.turn?.fence]).toEqual([true, 8]);
  expect(grants.passOn(one.turn!.run)).toBe(false);
});

test('a run for which nobody waits any more is unwanted, once', () => {
  const { grants, unwanted, enter } = scene();
  grants.forget(enter());
  grants.hear('key', '7 1000 me 1');
  grants.hear('key', '7 1000 me 1');
  expect(unwanted.map(({ first }) => first)).toEqual([1]);
});

test('a run that holds the lock is not begun again', () => {
  const { grants, unwanted, enter } = scene();
  const holder = enter();
  grants.start('key', 7, 1_000, [holder.id]);
  grants.forget(holder);
  expect(grants.hear('key', '7 1000 me 1')).toEqual([1]);
  expect([unwanted, grants.isRunning('key')]).toEqual([[], true]);
});

test('what is heard of a run that is over leaves the one that holds the lock alone', () => {
  const { grants, unwanted, enter } = scene();
  const [over, holder] = [enter(), enter()];
  grants.start('key', 7, 1_000, [over.id]);
  grants.forget(over);
  grants.end(over.turn!.run);
  grants.start('key', 8, 1_000, [holder.id]);
  grants.forget(holder);
  grants.hear('key', '7 1000 me 1');
  grants.hear('key', '8 1000 me 2');
  expect(unwanted.map(({ first }) => first)).toEqual([1]);
  expect(grants.isRunning('key')).toBe(true);
});

test('a run heard again after ten thousand others gives those who wait again no second turn', () => {
  const { grants, enter } = scene();
  const [first, second, third] = [enter(), enter(), enter()];
  grants.hear('key', '7 1000 me 1,2,3');
  grants.forget(first);
  expect(grants.end(first.turn!.run)).toEqual([second, third]);
  expect(grants.isRunning('key')).toBe(false);
  for (let i = 10; i < 20_000; i += 2) grants.hear(`other ${i}`, `${i} 1000 me ${i},${i + 1}`);
  grants.hear('key', '7 1000 me 1,2,3');
  expect([second.turn, third.turn]).toEqual([undefined, undefined]);
});

import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { Slots } from '../../../src/backends/slots.ts';

const slotsOf = (size: number, maxWaiting = 10) => {
  const clock = new VirtualClock(0);
  return { clock, slots: new Slots('postgres', clock, { size, maxWaiting, waitMs: 100 }) };
};

/** Asks for a slot and notes how that ended. */
const ask = (slots: Slots, name: string, log: string[]) =>
  slots.acquire().then(
    () => log.push(name),
    (error: Error) => log.push(`${name}: ${error.message}`),
  );

test('as many as there are slots at a time, and the others in their order', async () => {
  const { slots } = slotsOf(2);
  const log: string[] = [];
  const asked = ['a', 'b', 'c', 'd'].map((name) => ask(slots, name, log));
  await Promise.all(asked.slice(0, 2));
  expect(log).toEqual(['a', 'b']);
  slots.release();
  await asked[2];
  expect(log).toEqual(['a', 'b', 'c']);
  slots.release();
  slots.release();
  slots.release();
  await Promise.all(asked);
  await ask(slots, 'e', log);
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('who waits too long goes without, and takes no slot', async () => {
  const { clock, slots } = slotsOf(1);
  const log: string[] = [];
  await ask(slots, 'a', log);
  const late = ask(slots, 'b', log);
  await clock.run();
  await late;
  expect(clock.now()).toBe(100);
  expect(log).toEqual(['a', 'b: postgres: no connection of the pool came free within 100 ms']);
  slots.release();
  await ask(slots, 'c', log);
  expect(log.at(-1)).toBe('c');
});

test('more than may wait are turned away at once', async () => {
  const { slots } = slotsOf(1, 1);
  const log: string[] = [];
  const waiting = ['a', 'b'].map((name) => ask(slots, name, log));
  await ask(slots, 'c', log);
  expect(log).toEqual(['a', 'c: postgres: 1 requests wait for a connection already']);
  slots.release();
  await Promise.all(waiting);
  expect(log.at(-1)).toBe('b');
});

test('closing turns away whoever waits, and all who come later', async () => {
  const { slots } = slotsOf(1);
  const log: string[] = [];
  const asked = ['a', 'b'].map((name) => ask(slots, name, log));
  await asked[0];
  slots.close();
  await Promise.all([...asked, ask(slots, 'c', log)]);
  expect(log).toEqual([
    'a',
    'b: postgres: the connection was closed',
    'c: postgres: the connection is closed',
  ]);
});

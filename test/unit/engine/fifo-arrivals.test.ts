import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { Arrivals, type Arrival, type DrawTickets } from '../../../src/engine/lock/fifo-arrivals.ts';
import { GrantChannel } from '../../../src/engine/lock/grant-channel.ts';

/** A node, and the tickets that it has drawn: for each time, when and for whom. */
const scene = (draw?: DrawTickets) => {
  const clock = new VirtualClock(0);
  const silent = { subscribe: () => Promise.resolve(() => Promise.resolve()) };
  const grants = new GrantChannel(silent, clock, 'channel', () => {});
  const drawn: string[] = [];
  const placesOf = (arrivals: readonly Arrival[]) =>
    arrivals.map(({ entry }) => ({ ticket: `ticket ${entry.id}`, aheadMs: 0 }));
  const arrivals = new Arrivals(clock, (key, batch) => {
    drawn.push(`${key} at ${clock.now()}: ${batch.map(({ entry }) => entry.id).join(' ')}`);
    return draw ? draw(key, batch) : Promise.resolve(placesOf(batch));
  });
  const enter = async (key: string, inHurry = false) => {
    const place = await arrivals.enter({ entry: grants.enter(key), deadlineMs: 100 }, inHurry);
    return place.ticket;
  };
  return { clock, arrivals, drawn, enter };
};

test('who is in no hurry gathers for a millisecond, key by key, and each has its own ticket', async () => {
  const { clock, drawn, enter } = scene();
  const places = [enter('a'), enter('a'), enter('b'), enter('a')];
  await clock.run();
  expect(drawn).toEqual(['a at 1: 1 2 4', 'b at 1: 3']);
  expect(await Promise.all(places)).toEqual(['ticket 1', 'ticket 2', 'ticket 3', 'ticket 4']);
});

test('who is in a hurry goes at once, behind those who came before', async () => {
  const { drawn, enter } = scene();
  const places = [enter('a'), enter('a', true)];
  expect(await Promise.all(places)).toEqual(['ticket 1', 'ticket 2']);
  expect(drawn).toEqual(['a at 0: 1 2']);
});

test('those who gather can be sent, once', async () => {
  const { clock, arrivals, drawn, enter } = scene();
  const place = enter('a');
  arrivals.send('a');
  arrivals.send('a');
  expect(await place).toBe('ticket 1');
  await clock.run();
  expect(drawn).toEqual(['a at 0: 1']);
});

test('no more than 64 go together', async () => {
  const { clock, drawn, enter } = scene();
  const places = Array.from({ length: 65 }, () => enter('a'));
  await clock.run();
  expect((await Promise.all(places)).at(-1)).toBe('ticket 65');
  expect(drawn.map((line) => line.split(': ')[1]!.split(' ').length)).toEqual([64, 1]);
});

test('a draw that fails fails for all of them', async () => {
  const { clock, enter } = scene(() => Promise.reject(new Error('no server')));
  const outcomes = Promise.allSettled([enter('a'), enter('a')]);
  await clock.run();
  expect(await outcomes).toMatchObject([
    { reason: { message: 'no server' } },
    { reason: { message: 'no server' } },
  ]);
});

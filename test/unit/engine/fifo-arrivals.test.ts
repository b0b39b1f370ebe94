import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { Arrivals, type DrawTicket } from '../../../src/engine/lock/fifo-arrivals.ts';
import type { Entry } from '../../../src/engine/lock/grant-channel.ts';
import { Pause } from '../../../src/engine/lock/pause.ts';

/** A node, and the tickets that it has drawn: for each, when and for whom. */
const scene = (draw?: DrawTicket) => {
  const clock = new VirtualClock(0);
  const drawn: string[] = [];
  let last = 0;
  const arrivals = new Arrivals(clock, (key, entries) => {
    const ids = entries.map(({ id }) => id).join(' ');
    drawn.push(`${key} at ${clock.now()}: ${ids}`);
    const party = { ticket: `ticket of ${ids}`, aheadMs: 0, staying: entries.length };
    return draw ? draw(key, entries) : Promise.resolve(party);
  });
  const enter = async (key: string, inHurry = false) => {
    last += 1;
    const entry: Entry = {
      id: last,
      key,
      deadlineMs: 100,
      pause: new Pause(clock),
      turn: undefined,
      place: 0,
    };
    return (await arrivals.enter(entry, inHurry))?.ticket;
  };
  return { clock, arrivals, drawn, enter };
};

test('who is in no hurry gathers for ten milliseconds, key by key', async () => {
  const { clock, drawn, enter } = scene();
  const tickets = [enter('a'), enter('a'), enter('b'), enter('a')];
  await clock.run();
  expect(drawn).toEqual(['a at 10: 1 2 4', 'b at 10: 3']);
  const party = 'ticket of 1 2 4';
  expect(await Promise.all(tickets)).toEqual([party, party, 'ticket of 3', party]);
});

test('who is in a hurry goes alone and at once, behind those who came before', async () => {
  const { drawn, enter } = scene();
  const tickets = [enter('a'), enter('a', true)];
  expect(await Promise.all(tickets)).toEqual(['ticket of 1', 'ticket of 2']);
  expect(drawn).toEqual(['a at 0: 1', 'a at 0: 2']);
});

test('those who gather can be sent, once', async () => {
  const { clock, arrivals, drawn, enter } = scene();
  const ticket = enter('a');
  arrivals.send('a');
  arrivals.send('a');
  expect(await ticket).toBe('ticket of 1');
  await clock.run();
  expect(drawn).toEqual(['a at 0: 1']);
});

test('no more than 64 go together', async () => {
  const { clock, drawn, enter } = scene();
  const tickets = Array.from({ length: 65 }, () => enter('a'));
  await clock.run();
  expect((await Promise.all(tickets)).at(-1)).toBe('ticket of 65');
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

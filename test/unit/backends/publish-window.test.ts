import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../../src/backends/ports.ts';
import { PublishWindow } from '../../../src/backends/publish-window.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';

const messageOf = (body: string): OutgoingMessage => ({
  exchange: '',
  routingKey: 'q',
  body,
  persistent: true,
  confirm: true,
});

const setUp = ({ confirms = true, maxBuffered = 100 } = {}) => {
  const clock = new VirtualClock(0);
  const bounds = { confirmWindow: 3, maxBuffered, publishTimeoutMs: 1_000 };
  const window = new PublishWindow({ clock, confirms, ...bounds });
  const sent: string[] = [];
  const outcomes: string[] = [];
  return {
    clock,
    window,
    sent,
    outcomes,
    /** Takes everything; `capacity` messages fill its buffer. */
    channel: (capacity = Infinity) => ({
      send: ({ body }: OutgoingMessage) => {
        if (body === 'broken') throw new Error('cannot be encoded');
        sent.push(body);
        return sent.length % capacity !== 0;
      },
    }),
    publish: (...bodies: string[]) =>
      Promise.all(
        bodies.map((body) =>
          window.publish(messageOf(body)).then(
            ({ kind }) => outcomes.push(`${body}: ${kind}`),
            (error: unknown) => outcomes.push(`${body}: ${(error as { effect: string }).effect}`),
          ),
        ),
      ),
  };
};

describe('PublishWindow', () => {
  it('sends no more than its window holds, and the rest in order as answers come', async () => {
    const { window, sent, outcomes, channel, publish } = setUp();
    window.open(channel());
    const done = publish('a', 'b', 'c', 'd', 'e');
    expect(sent).toEqual(['a', 'b', 'c']);
    window.settle(2, false, 'confirmed');
    expect(sent).toEqual(['a', 'b', 'c']);
    window.settle(1, false, 'refused');
    expect(sent).toEqual(['a', 'b', 'c', 'd', 'e']);
    window.settle(5, true, 'confirmed');
    await done;
    expect(outcomes.toSorted()).toEqual([
      'a: refused',
      'b: confirmed',
      'c: confirmed',
      'd: confirmed',
      'e: confirmed',
    ]);
  });

  it('stops when the send buffer is full, sends nothing twice, and goes on when told', async () => {
    const { window, sent, channel, publish } = setUp();
    window.open(channel(2));
    const done = publish('a', 'b', 'c');
    expect(sent).toEqual(['a', 'b']);
    window.resume();
    expect(sent).toEqual(['a', 'b', 'c']);
    window.settle(3, true, 'confirmed');
    await done;
  });

  it('marks the oldest message that is like the returned one', async () => {
    const { window, outcomes, channel, publish } = setUp();
    window.open(channel());
    const done = publish('a', 'b', 'b');
    window.markUnroutable(({ body }) => body === 'b');
    window.settle(3, true, 'confirmed');
    await done;
    expect(outcomes).toEqual(['a: confirmed', 'b: unroutable', 'b: confirmed']);
  });

  it('does not know what became of sent messages when the channel is lost, and keeps those that wait', async () => {
    const { window, sent, outcomes, channel, publish } = setUp();
    window.open(channel());
    const done = publish('a', 'b', 'c', 'd');
    window.lose('lost');
    window.resume();
    expect(sent).toEqual(['a', 'b', 'c']);
    window.open(channel());
    expect(sent).toEqual(['a', 'b', 'c', 'd']);
    window.settle(1, false, 'confirmed');
    await done;
    expect(outcomes).toEqual(['a: unknown', 'b: unknown', 'c: unknown', 'd: confirmed']);
  });

  it('bounds the time of each message, sent or not', async () => {
    const { clock, window, outcomes, channel, publish } = setUp();
    window.open(channel());
    const early = publish('a', 'b', 'c', 'd');
    let late: Promise<unknown> = Promise.resolve();
    clock.schedule(500, () => {
      late = publish('e');
    });
    await clock.run(() => clock.now() >= 1_000);
    await early;
    expect(outcomes).toEqual(['a: unknown', 'b: unknown', 'c: unknown', 'd: none']);
    await clock.run();
    await late;
    expect([clock.now(), outcomes.at(-1)]).toEqual([1_500, 'e: none']);
    // The broker still owes three answers, so that the window is full until they come.
    const last = publish('f');
    expect(window.settle(3, true, 'confirmed')).toBeUndefined();
    window.settle(4, false, 'confirmed');
    await last;
    expect(outcomes.at(-1)).toBe('f: confirmed');
  });

  it('bounds how many wait', async () => {
    const { window, outcomes, publish } = setUp({ maxBuffered: 2 });
    const done = publish('a', 'b', 'c');
    window.close();
    await done;
    expect(outcomes.toSorted()).toEqual(['a: none', 'b: none', 'c: none']);
    await publish('d');
    expect(outcomes.at(-1)).toBe('d: none');
  });

  it('rejects a message that cannot be sent, and only that', async () => {
    const { window, outcomes, channel, publish } = setUp();
    window.open(channel());
    const done = publish('broken', 'a');
    window.settle(1, false, 'confirmed');
    await done;
    expect(outcomes.toSorted()).toEqual(['a: confirmed', 'broken: none']);
  });

  it('is done with a message once it is sent, where there are no confirms', async () => {
    const { window, sent, outcomes, channel, publish } = setUp({ confirms: false });
    window.open(channel(2));
    const done = publish('a', 'b', 'c');
    expect(sent).toEqual(['a', 'b']);
    window.pause('blocked');
    window.lose('lost');
    window.open(channel(2));
    await done;
    expect(outcomes).toEqual(['a: sent', 'b: sent', 'c: sent']);
  });
});

import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { inBatches } from '../../../src/engine/queue/event-batches.ts';
import type { EventPublishOutcome } from '../../../src/engine/queue/port.ts';
import type { OrderEvent } from '../../../src/engine/types.ts';
import { sleep } from '../../../src/kernel/clock.ts';
import { placedOrder } from '../../../src/contract/orders.ts';

const event = (orderId: number): OrderEvent => ({ kind: 'placed', order: placedOrder(orderId), atMs: 0 });

/** Publishes one event at each of the given times, and tells when which orders were sent together. */
const sentAt = async (
  timesMs: readonly number[],
  options: { eventsPerMessage: number; lingerMs: number },
): Promise<string[]> => {
  const clock = new VirtualClock(0);
  const sent: string[] = [];
  const publish = inBatches(options, clock, (events) => {
    sent.push(`${clock.now()}: ${events.map(({ order }) => order.orderId).join(' ')}`);
    return Promise.resolve({ kind: 'accepted' });
  });
  const outcomes = timesMs.map(async (atMs, i) => {
    if (atMs > 0) await sleep(clock, atMs);
    return publish(event(i + 1));
  });
  let ended = false;
  const all = Promise.all(outcomes).finally(() => {
    ended = true;
  });
  await clock.run(() => ended);
  expect(await all).toEqual(timesMs.map(() => ({ kind: 'accepted' })));
  return sent;
};

test('one event to a message goes at once', async () => {
  expect(await sentAt([0, 0, 5], { eventsPerMessage: 1, lingerMs: 50 })).toEqual(['0: 1', '0: 2', '5: 3']);
});

test('a full message goes at once, the rest of the turn with the next', async () => {
  const options = { eventsPerMessage: 2, lingerMs: 0 };
  expect(await sentAt([0, 0, 0, 5], options)).toEqual(['0: 1 2', '0: 3', '5: 4']);
});

test('a message that is not full waits as long as it may, counted from its first event', async () => {
  const options = { eventsPerMessage: 3, lingerMs: 10 };
  expect(await sentAt([0, 6, 11, 12, 13, 40], options)).toEqual(['10: 1 2', '13: 3 4 5', '50: 6']);
});

test.each([
  ['a refusal', () => Promise.resolve<EventPublishOutcome>({ kind: 'refused', reason: 'full' })],
  ['a failure', () => Promise.reject<EventPublishOutcome>(new Error('lost'))],
])('%s is shared by all events of the message, and by no other', async (_, fail) => {
  const clock = new VirtualClock(0);
  let sends = 0;
  const publish = inBatches({ eventsPerMessage: 2, lingerMs: 0 }, clock, () => {
    sends += 1;
    return sends === 1 ? fail() : Promise.resolve({ kind: 'accepted' });
  });
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map((order) => publish(event(order))));
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[0]).not.toEqual(outcomes[2]);
  const accepted = { status: 'fulfilled', value: { kind: 'accepted' } };
  expect(outcomes.slice(2)).toEqual([accepted, accepted]);
});

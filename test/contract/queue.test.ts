import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { QueueStrategy } from '../../src/engine/queue/port.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import { hastyClock } from '../support/clocks.ts';
import {
  backlogOf,
  event,
  events,
  NOTHING,
  openQueue,
  ordersIn,
  publishAll,
  removeQueues,
  type Subject,
} from '../support/queues.ts';
import { WORLDS, type Space } from '../support/worlds.ts';

const QUEUES = Object.values(REGISTRY.queue);
const BUFFERING = QUEUES.filter(({ guarantees }) => guarantees.delivery !== 'synchronous');
const BROKERED = QUEUES.filter(
  ({ guarantees, uses }) => guarantees.delivery === 'at-least-once' && uses.includes('rabbitmq'),
);
const CONFIRMED = QUEUES.filter(({ guarantees }) => guarantees.acceptedAfter === 'confirm');

describe.each(WORLDS)('queues, $world', ({ open }) => {
  let space: Space;

  /** A message that no strategy of ours has sent. */
  const intrude = async ({ creates }: QueueStrategy, { node }: Subject, body: string) => {
    const outcome = await node.broker.publish({
      exchange: '',
      routingKey: space.namespace.queue(creates.queues[0]!),
      body,
      persistent: true,
      confirm: true,
    });
    expect(outcome).toEqual({ kind: 'confirmed' });
  };

  beforeEach(async () => {
    space = await open();
    await space.define();
  });
  afterEach(() => space.close());

  describe.each(QUEUES)('$name', (strategy) => {
    test('accepted events are in the ledger, each line once, also when they are sent twice', async () => {
      const { node, queue, ledger } = await openQueue(space, strategy);
      const unsubscribe = await queue.subscribe();
      const all = [...events(300), event(301, 2, 0, 3)];
      const outcomes = await publishAll(queue, all);
      expect(outcomes).toEqual(all.map(() => ({ kind: 'accepted' })));
      await publishAll(queue, all);
      await node.telemetry.reached('queue.settled', 602);
      const orders = Array.from({ length: 301 }, (_, i) => i + 1);
      expect(await ordersIn(ledger)).toEqual([...orders, 301]);
      const entries = await ledger.read(0, 1_000);
      expect(entries.filter(({ orderId }) => orderId === 301)).toMatchObject([
        { kind: 'placed', key: 1_301, user: 2_301, sku: 0, units: 2 },
        { kind: 'placed', key: 1_301, user: 2_301, sku: 2, units: 3 },
      ]);
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
      expect(node.telemetry.of('queue.delivered')).toBe(602);
      expect(node.telemetry.of('queue.dead-lettered')).toBe(0);
      await unsubscribe();
    });

    test('nodes share the work, and every event is done once', async () => {
      const [a, b] = [await openQueue(space, strategy), await openQueue(space, strategy)];
      await Promise.all([a.queue.subscribe(), b.queue.subscribe()]);
      await Promise.all([publishAll(a.queue, events(100)), publishAll(b.queue, events(200).slice(100))]);
      const settled = () => a.node.telemetry.of('queue.settled') + b.node.telemetry.of('queue.settled');
      for (let done = settled(); done < 200; done = settled()) {
        await Promise.race(
          [a, b].map(({ node: { telemetry } }) =>
            telemetry.reached('queue.settled', telemetry.of('queue.settled') + 1),
          ),
        );
      }
      expect(settled()).toBe(200);
      expect(await ordersIn(a.ledger)).toEqual(events(200).map(({ order }) => order.orderId));
    });

    test('an event late by its deadline is delivered, but not in time', async () => {
      const { node, queue } = await openQueue(space, strategy, {}, { deadlineMs: 1_000 });
      await queue.subscribe();
      await queue.publish({ ...event(1), atMs: hastyClock.epoch() - 60_000 });
      await queue.publish(event(2));
      await node.telemetry.reached('queue.settled', 2);
      const inTime = strategy.guarantees.delivery === 'synchronous' ? 2 : 1;
      expect(node.telemetry.of('queue.in-time')).toBe(inTime);
    });
  });

  describe.each(BUFFERING)('$name', (strategy) => {
    test('events wait, counted, until somebody subscribes', async () => {
      const { node, queue, ledger } = await openQueue(space, strategy);
      await publishAll(queue, events(5));
      expect(await backlogOf(queue, { waiting: 5, deadLettered: 0 })).toEqual({
        waiting: 5,
        deadLettered: 0,
      });
      expect(await ordersIn(ledger)).toEqual([]);
      await queue.subscribe();
      await node.telemetry.reached('queue.settled', 5);
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
    });

    test('unsubscribing ends the deliveries', async () => {
      const { node, queue } = await openQueue(space, strategy);
      const unsubscribe = await queue.subscribe();
      await queue.publish(event(1));
      await node.telemetry.reached('queue.settled', 1);
      await unsubscribe();
      await queue.publish(event(2));
      expect(await backlogOf(queue, { waiting: 1, deadLettered: 0 })).toEqual({
        waiting: 1,
        deadLettered: 0,
      });
      expect(node.telemetry.of('queue.delivered')).toBe(1);
    });
  });

  describe.each(CONFIRMED)('$name', (strategy) => {
    test('what has nowhere to go is refused', async () => {
      const asked = await openQueue(space, strategy);
      const { queue } = asked;
      await removeQueues(space, strategy, asked);
      expect(await queue.publish(event(1))).toEqual({
        kind: 'refused',
        reason: expect.stringContaining('RabbitMQ') as string,
      });
    });
  });

  describe.each(BROKERED)('$name', (strategy) => {
    test('what was not written goes back to the queue when the node unsubscribes', async () => {
      const { queue, ledger } = await openQueue(space, strategy, {}, { batchSize: 2 });
      await publishAll(queue, events(10));
      ledger.failures = Infinity;
      const failed = ledger.failed();
      const unsubscribe = await queue.subscribe();
      await failed;
      await unsubscribe();
      const kept = { waiting: 10, deadLettered: 0 };
      expect(await backlogOf(queue, kept)).toEqual(kept);
      expect(await ordersIn(ledger)).toEqual([]);

      const next = await openQueue(space, strategy);
      await next.queue.subscribe();
      await next.node.telemetry.reached('queue.settled', 10);
      expect(await ordersIn(ledger)).toEqual(events(10).map(({ order }) => order.orderId));
    });

    test('the batch in hand is written and acknowledged before the node leaves', async () => {
      const { queue, ledger, node } = await openQueue(space, strategy, {}, { batchSize: 2 });
      await publishAll(queue, events(10));
      const unsubscribe = await queue.subscribe();
      await node.telemetry.reached('queue.settled', 2);
      await unsubscribe();
      const written = (await ordersIn(ledger)).length;
      const left = { waiting: 10 - written, deadLettered: 0 };
      expect(await backlogOf(queue, left)).toEqual(left);
      expect(node.telemetry.of('queue.settled')).toBe(written);
    });

    test('what arrives while a batch is written is the next one, up to its size', async () => {
      const { queue, ledger, node } = await openQueue(space, strategy, {}, { batchSize: 4 });
      let open = () => {};
      ledger.gate = new Promise((resolve) => (open = resolve));
      await publishAll(queue, events(20));
      await queue.subscribe();
      await node.telemetry.reached('queue.delivered', 20);
      open();
      await node.telemetry.reached('queue.settled', 20);
      const [first, ...others] = ledger.batches;
      expect(first).toBeLessThanOrEqual(4);
      expect(others.slice(0, -1)).toEqual(others.slice(1).map(() => 4));
      expect(others.at(-1)).toBeLessThanOrEqual(4);
    });

    test('malformed messages are set aside, and do not hold up or take along the others', async () => {
      const asked = await openQueue(space, strategy);
      await asked.queue.publish(event(1));
      await intrude(strategy, asked, 'not JSON');
      await asked.queue.publish(event(2));
      await intrude(strategy, asked, '[0,3,3,3,0,0,4294967296]');
      await asked.queue.subscribe();
      await asked.node.telemetry.reached('queue.settled', 4);
      await intrude(strategy, asked, '[]');
      await asked.node.telemetry.reached('queue.settled', 5);
      await asked.queue.publish(event(4));
      await asked.node.telemetry.reached('queue.settled', 6);
      expect(await ordersIn(asked.ledger)).toEqual([1, 2, 4]);
      const set = { waiting: 0, deadLettered: 3 };
      expect(await backlogOf(asked.queue, set)).toEqual(set);
      expect(asked.node.telemetry.of('queue.dead-lettered')).toBe(3);
      expect(asked.node.telemetry.of('queue.delivered')).toBe(6);
    });

    test('a ledger that fails for a while is asked again', async () => {
      const { node, queue, ledger } = await openQueue(space, strategy, { clock: hastyClock });
      ledger.failures = 3;
      await queue.subscribe();
      await publishAll(queue, events(20));
      await node.telemetry.reached('queue.settled', 20);
      expect(ledger.failures).toBe(0);
      expect(await ordersIn(ledger)).toEqual(events(20).map(({ order }) => order.orderId));
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
    });

    test('events that the ledger keeps refusing are set aside, and the next are taken', async () => {
      const { node, queue, ledger } = await openQueue(space, strategy, { clock: hastyClock });
      ledger.failures = Infinity;
      await queue.subscribe();
      await publishAll(queue, events(10));
      await node.telemetry.reached('queue.settled', 10);
      expect(node.telemetry.of('queue.dead-lettered')).toBe(10);
      const set = { waiting: 0, deadLettered: 10 };
      expect(await backlogOf(queue, set)).toEqual(set);
      ledger.failures = 0;
      await queue.publish(event(11));
      await node.telemetry.reached('queue.settled', 11);
      expect(await ordersIn(ledger)).toEqual([11]);
    });
  });
});

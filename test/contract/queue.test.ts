import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { QUEUE_PROPERTIES } from '../../src/contract/queue.ts';
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
  type Subject,
} from '../support/queues.ts';
import { judgedOf, RACES, WORLDS, type Space } from '../support/worlds.ts';

const QUEUES = Object.values(REGISTRY.queue);
const BROKERED = QUEUES.filter(
  ({ guarantees, uses }) => guarantees.delivery === 'at-least-once' && uses.includes('rabbitmq'),
);

describe.each(RACES)('queues, $world', (races) => {
  describe.each(QUEUES)('$name', (strategy) => {
    test.each(judgedOf(QUEUE_PROPERTIES, strategy, races))('$name', async ({ judgement }) => {
      expect(await judgement()).toEqual({ kind: 'held' });
    });
  });
});

describe.each(WORLDS)('our own queues, $world', ({ open }) => {
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

  describe.each(BROKERED)('$name', (strategy) => {
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
      const gate = new Promise<void>((resolve) => (open = resolve));
      ledger.gate = () => gate;
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

    test('a batch that is written before an earlier one is acknowledged after it', async () => {
      const { queue, ledger, node } = await openQueue(space, strategy, {}, { batchSize: 4 });
      let open = () => {};
      const gate = new Promise<void>((resolve) => (open = resolve));
      ledger.gate = (append) => (append === 1 ? gate : Promise.resolve());
      await publishAll(queue, events(20));
      await queue.subscribe();
      await node.telemetry.reached('queue.delivered', 20);
      while ((await ordersIn(ledger)).length < 16) await space.turn();
      expect(node.telemetry.of('queue.settled')).toBe(0);
      open();
      await node.telemetry.reached('queue.settled', 20);
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
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
  });
});

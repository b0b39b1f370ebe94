import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BackendError,
  type Broker,
  type OutgoingMessage,
  type PublishOutcome,
} from '../../src/backends/ports.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import { hastyClock } from '../support/clocks.ts';
import { replacing } from '../../src/contract/faults.ts';
import { optionsOf } from '../../src/contract/options.ts';
import {
  backlogOf,
  event,
  events,
  NOTHING,
  openQueue,
  ordersIn,
  publishAll,
  removeQueues,
} from '../support/queues.ts';
import { WORLDS, type Space } from '../support/worlds.ts';

const named = (name: string) => REGISTRY.queue[name]!;

/** Strategies that may put several events into one message. */
const SHARING = Object.values(REGISTRY.queue).filter(
  (strategy) => 'eventsPerMessage' in (optionsOf(strategy) as Record<string, unknown>),
);

describe.each(WORLDS)('what single queues do, $world', ({ open }) => {
  let space: Space;

  beforeEach(async () => {
    space = await open();
    await space.define();
  });
  afterEach(() => space.close());

  describe.each(SHARING)('$name with several events to a message', (strategy) => {
    test('events of one turn share messages, and each is in the ledger once', async () => {
      const { node, queue, ledger } = await openQueue(
        space,
        strategy,
        {},
        { eventsPerMessage: 4, batchSize: 6 },
      );
      const outcomes = await publishAll(queue, events(10));
      expect(outcomes).toEqual(events(10).map(() => ({ kind: 'accepted' })));
      // Three messages: at most twelve events.
      expect(await backlogOf(queue, { waiting: 12, deadLettered: 0 })).toEqual({
        waiting: 12,
        deadLettered: 0,
      });
      await queue.subscribe();
      await node.telemetry.reached('queue.settled', 10);
      expect(Math.max(...ledger.batches)).toBeLessThanOrEqual(6);
      expect(node.telemetry.of('queue.delivered')).toBe(10);
      expect(node.telemetry.of('queue.in-time')).toBe(10);
      expect(await ordersIn(ledger)).toEqual(events(10).map(({ order }) => order.orderId));
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
    });

    test('what the ledger keeps refusing is counted by events', async () => {
      const options = { eventsPerMessage: 5, batchSize: 5 };
      const { node, queue, ledger } = await openQueue(space, strategy, { clock: hastyClock }, options);
      ledger.failures = Infinity;
      await queue.subscribe();
      await publishAll(queue, events(10));
      await node.telemetry.reached('queue.settled', 10);
      expect(node.telemetry.of('queue.dead-lettered')).toBe(10);
      const set = { waiting: 0, deadLettered: 10 };
      expect(await backlogOf(queue, set)).toEqual(set);
    });

    test('they are refused together', async () => {
      const asked = await openQueue(space, strategy, {}, { eventsPerMessage: 4 });
      await removeQueues(space, strategy, asked);
      const outcomes = await publishAll(asked.queue, events(4));
      expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused', 'refused']);
    });
  });

  test('fire-and-forget: what has nowhere to go is accepted, and lost', async () => {
    const strategy = named('fire-and-forget');
    const asked = await openQueue(space, strategy);
    await removeQueues(space, strategy, asked);
    expect(await asked.queue.publish(event(1))).toEqual({ kind: 'accepted' });
    await asked.queue.declare();
    await asked.queue.subscribe();
    await asked.queue.publish(event(2));
    await asked.node.telemetry.reached('queue.settled', 1);
    expect(await ordersIn(asked.ledger)).toEqual([2]);
  });

  test('quorum: a message that comes back too often is set aside', async () => {
    const { node, queue, ledger } = await openQueue(space, named('quorum'), {}, { deliveryLimit: 2 });
    await queue.publish(event(1));
    ledger.failures = Infinity;
    for (let life = 1; life <= 2; life += 1) {
      const failed = ledger.failed();
      const unsubscribe = await queue.subscribe();
      await failed;
      await unsubscribe();
    }
    const set = { waiting: 0, deadLettered: 1 };
    expect(await backlogOf(queue, set)).toEqual(set);
    expect(node.telemetry.of('queue.settled')).toBe(0);
  });

  describe('outbox', () => {
    /** An outbox whose publishes to the broker go through `publish`. */
    const behind = async (publish: (broker: Broker, message: OutgoingMessage) => Promise<PublishOutcome>) => {
      const { broker } = await space.node();
      const faulty = replacing(broker, { publish: (message) => publish(broker, message) });
      return openQueue(space, named('outbox'), { broker: faulty, clock: hastyClock });
    };

    test('events are accepted while the broker is down, and sent when it is back', async () => {
      let down = true;
      let onRefusal = () => {};
      const { node, queue, ledger } = await behind((broker, message) => {
        if (!down) return broker.publish(message);
        onRefusal();
        return Promise.reject(new BackendError('rabbitmq', 'none', 'down'));
      });
      await queue.subscribe();
      const refused = new Promise<void>((resolve) => (onRefusal = resolve));
      const outcomes = await publishAll(queue, events(3));
      expect(outcomes).toEqual(events(3).map(() => ({ kind: 'accepted' })));
      await refused;
      expect(await queue.backlog()).toEqual({ waiting: 3, deadLettered: 0 });
      expect(await ordersIn(ledger)).toEqual([]);
      down = false;
      await node.telemetry.reached('queue.settled', 3);
      expect(await ordersIn(ledger)).toEqual([1, 2, 3]);
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
    });

    test('what may not have arrived is sent again, and only that', async () => {
      let lost = false;
      const { node, queue, ledger } = await behind(async (broker, message) => {
        const outcome = await broker.publish(message);
        if (lost || !message.body.startsWith('[0,2,')) return outcome;
        lost = true;
        throw new BackendError('rabbitmq', 'unknown', 'the confirm was lost');
      });
      await publishAll(queue, events(3));
      await queue.subscribe();
      await node.telemetry.reached('queue.settled', 4);
      expect(await ordersIn(ledger)).toEqual([1, 2, 3]);
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
      expect(node.telemetry.of('queue.delivered')).toBe(4);
    });

    test('an event whose row may be there has an unknown end', async () => {
      const { postgres } = await space.node();
      const { queue } = await openQueue(space, named('outbox'), {
        postgres: replacing(postgres, {
          query: async (statement) => {
            const result = await postgres.query(statement);
            if (statement.kind === 'insert') throw new BackendError('postgres', 'unknown', 'reset');
            return result;
          },
        }),
      });
      await expect(queue.publish(event(1))).rejects.toMatchObject({ effect: 'unknown' });
      expect(await queue.backlog()).toEqual({ waiting: 1, deadLettered: 0 });
    });
  });

  test('pubsub: each department hears of the events that concern it', async () => {
    const { node, queue, ledger } = await openQueue(space, named('pubsub'));
    const unsubscribe = await queue.subscribe();
    await queue.publish(event(1));
    await queue.publish({ ...event(1), kind: 'paid' });
    // Cache invalidation and payment, then cache invalidation and logistics.
    await node.telemetry.reached('queue.notified', 4);
    await node.telemetry.reached('queue.settled', 2);
    await unsubscribe();
    expect(node.telemetry.of('queue.notified')).toBe(4);
    expect(await ledger.read(0, 10)).toMatchObject([{ kind: 'placed' }, { kind: 'paid' }]);
    const queues = named('pubsub').creates.queues.map((name) => space.namespace.queue(name));
    expect(await Promise.all(queues.map((name) => node.broker.depth(name)))).toEqual(queues.map(() => 0));
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BackendError,
  type Broker,
  type OutgoingMessage,
  type PublishOutcome,
} from '../../src/backends/ports.ts';
import { openLedger } from '../../src/engine/ledger/postgres.ts';
import type { LedgerPort } from '../../src/engine/ledger/port.ts';
import type { QueuePort, QueueStrategy } from '../../src/engine/queue/port.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import type { OrderEvent } from '../../src/engine/types.ts';
import { hastyClock } from '../support/clocks.ts';
import { replacing } from '../support/faults.ts';
import { optionsOf } from '../support/options.ts';
import { linesOf, placedOrder } from '../support/orders.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

const QUEUES = Object.values(REGISTRY.queue);
const BUFFERING = QUEUES.filter(({ guarantees }) => guarantees.delivery !== 'synchronous');
const BROKERED = QUEUES.filter(
  ({ guarantees, uses }) => guarantees.delivery === 'at-least-once' && uses.includes('rabbitmq'),
);

const CONFIRMED = QUEUES.filter(({ guarantees }) => guarantees.acceptedAfter === 'confirm');
const SHARING = CONFIRMED.filter(
  (strategy) => 'eventsPerMessage' in (optionsOf(strategy) as Record<string, unknown>),
);
const NOTHING = { waiting: 0, deadLettered: 0 };
const named = (name: string) => REGISTRY.queue[name]!;

const event = (orderId: number, ...units: readonly number[]): OrderEvent => ({
  kind: 'placed',
  order: placedOrder(orderId, units.length > 0 ? { lines: linesOf(...units) } : {}),
  atMs: hastyClock.epoch(),
});
const events = (count: number) => Array.from({ length: count }, (_, i) => event(i + 1));

/** A ledger that can be told to fail. */
class FaultyLedger implements LedgerPort {
  failures = 0;
  /** Events of each append that did not fail. */
  readonly batches: number[] = [];
  /** Appends wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly #ledger: LedgerPort;
  #onFailure: (() => void) | undefined;

  constructor(ledger: LedgerPort) {
    this.#ledger = ledger;
  }

  /** Resolves at the next failure. */
  failed(): Promise<void> {
    return new Promise((resolve) => (this.#onFailure = resolve));
  }

  async append(batch: readonly OrderEvent[]): Promise<number> {
    if (this.failures === 0) {
      this.batches.push(batch.length);
      await this.gate;
      return this.#ledger.append(batch);
    }
    this.failures -= 1;
    this.#onFailure?.();
    throw new BackendError('postgres', 'none', 'out of order');
  }

  read(afterSeq: number, limit: number) {
    return this.#ledger.read(afterSeq, limit);
  }
}

interface Subject {
  readonly node: TestNode;
  readonly queue: QueuePort;
  readonly ledger: FaultyLedger;
}

describe.each(WORLDS)('queues, $world', ({ open }) => {
  let space: Space;

  const subject = async (
    strategy: QueueStrategy,
    changes: Partial<EngineContext> = {},
    options: Record<string, unknown> = {},
  ): Promise<Subject> => {
    const node = await space.node(changes);
    const ledger = new FaultyLedger(openLedger(node.postgres));
    const queue = strategy.open(optionsOf(strategy, options), { ...node, ledger });
    await queue.declare();
    return { node, queue, ledger };
  };

  const publishAll = (queue: QueuePort, all: readonly OrderEvent[]) =>
    Promise.all(all.map((one) => queue.publish(one)));

  const ordersIn = async (ledger: LedgerPort) =>
    (await ledger.read(0, 10_000)).map(({ orderId }) => orderId).toSorted((a, b) => a - b);

  const backlogOf = async (queue: QueuePort, until: { waiting: number; deadLettered: number }) => {
    let backlog = await queue.backlog();
    // A broker counts what is given back, and what it passes on, a moment later.
    for (let look = 0; look < 1_000 && JSON.stringify(backlog) !== JSON.stringify(until); look += 1)
      backlog = await queue.backlog();
    return backlog;
  };

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
      const { node, queue, ledger } = await subject(strategy);
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
      const [a, b] = [await subject(strategy), await subject(strategy)];
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
      const { node, queue } = await subject(strategy, {}, { deadlineMs: 1_000 });
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
      const { node, queue, ledger } = await subject(strategy);
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
      const { node, queue } = await subject(strategy);
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

  /** Takes the strategy's queues away from the broker. */
  const removeQueues = ({ creates }: QueueStrategy, { node }: Subject) =>
    node.broker.remove({
      exchanges: [],
      queues: creates.queues.map((name) => space.namespace.queue(name)),
    });

  describe.each(CONFIRMED)('$name', (strategy) => {
    test('what has nowhere to go is refused', async () => {
      const asked = await subject(strategy);
      const { queue } = asked;
      await removeQueues(strategy, asked);
      expect(await queue.publish(event(1))).toEqual({
        kind: 'refused',
        reason: expect.stringContaining('RabbitMQ') as string,
      });
    });
  });

  describe.each(BROKERED)('$name', (strategy) => {
    test('what was not written goes back to the queue when the node unsubscribes', async () => {
      const { queue, ledger } = await subject(strategy, {}, { batchSize: 2 });
      await publishAll(queue, events(10));
      ledger.failures = Infinity;
      const failed = ledger.failed();
      const unsubscribe = await queue.subscribe();
      await failed;
      await unsubscribe();
      const kept = { waiting: 10, deadLettered: 0 };
      expect(await backlogOf(queue, kept)).toEqual(kept);
      expect(await ordersIn(ledger)).toEqual([]);

      const next = await subject(strategy);
      await next.queue.subscribe();
      await next.node.telemetry.reached('queue.settled', 10);
      expect(await ordersIn(ledger)).toEqual(events(10).map(({ order }) => order.orderId));
    });

    test('the batch in hand is written and acknowledged before the node leaves', async () => {
      const { queue, ledger, node } = await subject(strategy, {}, { batchSize: 2 });
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
      const { queue, ledger, node } = await subject(strategy, {}, { batchSize: 4 });
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
      const asked = await subject(strategy);
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
      const { node, queue, ledger } = await subject(strategy, { clock: hastyClock });
      ledger.failures = 3;
      await queue.subscribe();
      await publishAll(queue, events(20));
      await node.telemetry.reached('queue.settled', 20);
      expect(ledger.failures).toBe(0);
      expect(await ordersIn(ledger)).toEqual(events(20).map(({ order }) => order.orderId));
      expect(await backlogOf(queue, NOTHING)).toEqual(NOTHING);
    });

    test('events that the ledger keeps refusing are set aside, and the next are taken', async () => {
      const { node, queue, ledger } = await subject(strategy, { clock: hastyClock });
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

  describe.each(SHARING)('$name with several events to a message', (strategy) => {
    test('events of one turn share messages, and each is in the ledger once', async () => {
      const { node, queue, ledger } = await subject(strategy, {}, { eventsPerMessage: 4, batchSize: 6 });
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
      const { node, queue, ledger } = await subject(strategy, { clock: hastyClock }, options);
      ledger.failures = Infinity;
      await queue.subscribe();
      await publishAll(queue, events(10));
      await node.telemetry.reached('queue.settled', 10);
      expect(node.telemetry.of('queue.dead-lettered')).toBe(10);
      const set = { waiting: 0, deadLettered: 10 };
      expect(await backlogOf(queue, set)).toEqual(set);
    });

    test('they are refused together', async () => {
      const asked = await subject(strategy, {}, { eventsPerMessage: 4 });
      await removeQueues(strategy, asked);
      const outcomes = await publishAll(asked.queue, events(4));
      expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused', 'refused']);
    });
  });

  test('fire-and-forget: what has nowhere to go is accepted, and lost', async () => {
    const strategy = named('fire-and-forget');
    const asked = await subject(strategy);
    await removeQueues(strategy, asked);
    expect(await asked.queue.publish(event(1))).toEqual({ kind: 'accepted' });
    await asked.queue.declare();
    await asked.queue.subscribe();
    await asked.queue.publish(event(2));
    await asked.node.telemetry.reached('queue.settled', 1);
    expect(await ordersIn(asked.ledger)).toEqual([2]);
  });

  test('quorum: a message that comes back too often is set aside', async () => {
    const { node, queue, ledger } = await subject(named('quorum'), {}, { deliveryLimit: 2 });
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
      return subject(named('outbox'), { broker: faulty, clock: hastyClock });
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
      const { queue } = await subject(named('outbox'), {
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
    const { node, queue, ledger } = await subject(named('pubsub'));
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

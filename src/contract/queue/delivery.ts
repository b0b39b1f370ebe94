import type { QueueStrategy } from '../../engine/queue/port.ts';
import { type Property, same } from '../property.ts';
import {
  backlogBecomes,
  event,
  events,
  NOTHING,
  numbers,
  openSubject,
  ordersIn,
  publishAll,
} from './subject.ts';

const buffers = ({ guarantees }: QueueStrategy): string | undefined =>
  guarantees.delivery === 'synchronous' ? 'it writes the ledger at once' : undefined;

const inLedger: Property<QueueStrategy> = {
  name: 'accepted events are in the ledger, each line once, also when they are sent twice',
  async check(strategy, space) {
    const { node, queue, ledger } = await openSubject(strategy, space);
    const unsubscribe = await queue.subscribe();
    const all = [...events(space.clock, 300), event(space.clock, 301, 2, 0, 3)];
    for (const outcome of await publishAll(queue, all)) same(outcome, { kind: 'accepted' }, 'a publish');
    await publishAll(queue, all);
    await node.telemetry.reached('queue.settled', 602);
    same(await ordersIn(ledger), [...numbers(301), 301], 'the orders in the ledger');
    const lines = (await ledger.read(0, 1_000))
      .filter(({ orderId }) => orderId === 301)
      .map(({ kind, key, user, sku, units }) => ({ kind, key, user, sku, units }));
    const line = { kind: 'placed', key: 1_301, user: 2_301 };
    same(
      lines.toSorted((a, b) => a.sku - b.sku),
      [
        { ...line, sku: 0, units: 2 },
        { ...line, sku: 2, units: 3 },
      ],
      'the lines of the last order',
    );
    await backlogBecomes(queue, NOTHING, space);
    same(node.telemetry.of('queue.delivered'), 602, 'the count of queue.delivered');
    same(node.telemetry.of('queue.dead-lettered'), 0, 'the count of queue.dead-lettered');
    await unsubscribe();
  },
};

const sharedWork: Property<QueueStrategy> = {
  name: 'nodes share the work, and every event is done once',
  async check(strategy, space) {
    const [a, b] = [await openSubject(strategy, space), await openSubject(strategy, space)];
    await Promise.all([a.queue.subscribe(), b.queue.subscribe()]);
    const all = events(space.clock, 200);
    await Promise.all([publishAll(a.queue, all.slice(0, 100)), publishAll(b.queue, all.slice(100))]);
    const settled = () => a.node.telemetry.of('queue.settled') + b.node.telemetry.of('queue.settled');
    for (let done = settled(); done < 200; done = settled())
      await Promise.race(
        [a, b].map(({ node: { telemetry } }) =>
          telemetry.reached('queue.settled', telemetry.of('queue.settled') + 1),
        ),
      );
    same(settled(), 200, 'the count of queue.settled on both nodes');
    same(await ordersIn(a.ledger), numbers(200), 'the orders in the ledger');
  },
};

const waits: Property<QueueStrategy> = {
  name: 'events wait, counted, until somebody subscribes',
  exempt: buffers,
  async check(strategy, space) {
    const { node, queue, ledger } = await openSubject(strategy, space);
    await publishAll(queue, events(space.clock, 5));
    await backlogBecomes(queue, { waiting: 5, deadLettered: 0 }, space);
    same(await ordersIn(ledger), [], 'the orders in the ledger before anybody subscribed');
    await queue.subscribe();
    await node.telemetry.reached('queue.settled', 5);
    await backlogBecomes(queue, NOTHING, space);
  },
};

const ends: Property<QueueStrategy> = {
  name: 'unsubscribing ends the deliveries',
  exempt: buffers,
  async check(strategy, space) {
    const { node, queue } = await openSubject(strategy, space);
    const unsubscribe = await queue.subscribe();
    await queue.publish(event(space.clock, 1));
    await node.telemetry.reached('queue.settled', 1);
    await unsubscribe();
    await queue.publish(event(space.clock, 2));
    await backlogBecomes(queue, { waiting: 1, deadLettered: 0 }, space);
    same(node.telemetry.of('queue.delivered'), 1, 'the count of queue.delivered');
  },
};

export const DELIVERY: readonly Property<QueueStrategy>[] = [inLedger, sharedWork, waits, ends];

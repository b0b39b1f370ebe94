import { BackendError, type Broker } from '../../backends/ports.ts';
import type { QueueStrategy } from '../../engine/queue/port.ts';
import type { OrderEvent } from '../../engine/types.ts';
import { hasty } from '../clocks.ts';
import { replacing } from '../faults.ts';
import { holds, type Property, same } from '../property.ts';
import type { Space } from '../space.ts';
import {
  backlogBecomes,
  event,
  events,
  NOTHING,
  numbers,
  openSubject,
  ordersIn,
  publishAll,
  type Subject,
} from './subject.ts';

const deliversAtLeastOnce = ({ guarantees, uses }: QueueStrategy): string | undefined =>
  guarantees.delivery === 'at-least-once' && uses.includes('rabbitmq')
    ? undefined
    : 'it promises no delivery at least once by RabbitMQ';

/** The pauses between attempts are over at once. */
const openHasty = (strategy: QueueStrategy, space: Space): Promise<Subject> =>
  openSubject(strategy, space, { changes: ({ clock }) => ({ clock: hasty(clock) }) });

const BAD_MESSAGES = 40;

/** A connection that is cut before every third message, and after every third one before its answer; then it is good. */
const cutInMidPublish = (broker: Broker): Broker => {
  let messages = 0;
  return replacing(broker, {
    async publish(message) {
      messages += 1;
      const fate = messages > BAD_MESSAGES ? 0 : messages % 3;
      // Without a confirm nobody hears that the connection took it in vain.
      if (fate === 1 && !message.confirm) return { kind: 'sent' };
      if (fate === 1) throw new BackendError('rabbitmq', 'none', 'the connection was cut');
      const outcome = await broker.publish(message);
      if (fate === 2) throw new BackendError('rabbitmq', 'unknown', 'the answer was lost');
      return outcome;
    },
  });
};

const MOST_ATTEMPTS = 50;

const publishPatiently = async ({ queue }: Subject, sent: OrderEvent): Promise<void> => {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    try {
      if ((await queue.publish(sent)).kind === 'accepted') return;
    } catch (error) {
      holds(error instanceof BackendError, `a publish over a cut connection threw: ${String(error)}`);
    }
  }
  holds(false, `${MOST_ATTEMPTS} attempts to publish over a bad connection were not enough`);
};

const cutConnection: Property<QueueStrategy> = {
  name: 'what was accepted is in the ledger once, though the connection is cut in mid-publish',
  exempt: deliversAtLeastOnce,
  async check(strategy, space) {
    const subject = await openSubject(strategy, space, {
      changes: ({ broker, clock }) => ({ broker: cutInMidPublish(broker), clock: hasty(clock) }),
    });
    await subject.queue.subscribe();
    await Promise.all(events(space.clock, 60).map((sent) => publishPatiently(subject, sent)));
    let written = await ordersIn(subject.ledger);
    for (let look = 1; look < 5_000 && written.length < 60; look += 1) {
      await space.turn();
      written = await ordersIn(subject.ledger);
    }
    same(written, numbers(60), 'the orders in the ledger after many a look');
  },
};

const refused: Property<QueueStrategy> = {
  name: 'what has nowhere to go is refused',
  exempt: ({ guarantees }) => (guarantees.acceptedAfter === 'confirm' ? undefined : 'it promises no confirm'),
  async check(strategy, space) {
    const { node, queue } = await openSubject(strategy, space);
    const queues = strategy.creates.queues.map((name) => space.namespace.queue(name));
    await node.broker.remove({ exchanges: [], queues });
    const outcome = await queue.publish(event(space.clock, 1));
    same(outcome.kind, 'refused', 'a publish after its queues were deleted');
  },
};

const givenBack: Property<QueueStrategy> = {
  name: 'what was not written goes back to the queue when the node unsubscribes',
  exempt: deliversAtLeastOnce,
  async check(strategy, space) {
    const { queue, ledger } = await openSubject(strategy, space, { options: { batchSize: 2 } });
    await publishAll(queue, events(space.clock, 10));
    ledger.failures = Infinity;
    const failed = ledger.failed();
    const unsubscribe = await queue.subscribe();
    await failed;
    await unsubscribe();
    await backlogBecomes(queue, { waiting: 10, deadLettered: 0 }, space);
    same(await ordersIn(ledger), [], 'the orders in the ledger so far');
    const next = await openSubject(strategy, space);
    await next.queue.subscribe();
    await next.node.telemetry.reached('queue.settled', 10);
    same(await ordersIn(ledger), numbers(10), 'the orders in the ledger after the next node came');
  },
};

const askedAgain: Property<QueueStrategy> = {
  name: 'a ledger that fails for a while is asked again',
  exempt: deliversAtLeastOnce,
  async check(strategy, space) {
    const { node, queue, ledger } = await openHasty(strategy, space);
    ledger.failures = 3;
    await queue.subscribe();
    await publishAll(queue, events(space.clock, 20));
    await node.telemetry.reached('queue.settled', 20);
    same(await ordersIn(ledger), numbers(20), 'the orders in the ledger');
    await backlogBecomes(queue, NOTHING, space);
  },
};

const setAside: Property<QueueStrategy> = {
  name: 'events that the ledger keeps refusing are set aside, and the next are taken',
  exempt: deliversAtLeastOnce,
  async check(strategy, space) {
    const { node, queue, ledger } = await openHasty(strategy, space);
    ledger.failures = Infinity;
    await queue.subscribe();
    await publishAll(queue, events(space.clock, 10));
    await node.telemetry.reached('queue.settled', 10);
    same(node.telemetry.of('queue.dead-lettered'), 10, 'the count of queue.dead-lettered');
    await backlogBecomes(queue, { waiting: 0, deadLettered: 10 }, space);
    ledger.failures = 0;
    await queue.publish(event(space.clock, 11));
    await node.telemetry.reached('queue.settled', 11);
    same(await ordersIn(ledger), [11], 'the orders in the ledger');
  },
};

export const FAILURES: readonly Property<QueueStrategy>[] = [
  cutConnection,
  refused,
  givenBack,
  askedAgain,
  setAside,
];

import { z } from 'zod';
import type { QueueSpec, Topology } from '../../backends/ports.ts';
import { QUEUE_EXPIRES_MS } from '../namespace.ts';
import { countDeliveries } from './counting-consumer.ts';
import { encodeEvents } from './event-codec.ts';
import { consumerOptions } from './ledger-consumer.ts';
import { LEDGER_QUEUES, openLedgerQueue, sendTo } from './ledger-queue.ts';
import type { QueueStrategy } from './port.ts';

const options = z.strictObject(consumerOptions);

const EXCHANGE = 'events';
const EVERY_EVENT = 'order.*';

/** Departments beside the ledger, and which events they hear of. */
const SUBSCRIBERS = [
  { queue: 'cache-invalidation', pattern: EVERY_EVENT },
  { queue: 'payment', pattern: 'order.placed' },
  { queue: 'logistics', pattern: 'order.paid' },
] as const;

export const pubsub: QueueStrategy<z.infer<typeof options>> = {
  name: 'pubsub',
  summary:
    'a topic exchange: ledger, cache invalidation, payment and logistics each have a queue of their own',
  page: `The request publishes one persistent, mandatory message to a topic exchange, under order.placed or order.paid, and answers its customer when the broker has confirmed it: when every queue that is bound for it has it. The ledger's consumers are those of confirm. Cache invalidation hears of every event, payment of placed orders and logistics of paid ones; these three count what they receive, as queue.notified.

Breaks: as confirm does. A message counts as routed when any queue is bound for it: one whose ledger queue alone has gone is confirmed all the same. A subscriber that stands still fills its queue until the broker stops all publishers.

Costs one confirmed publish per event for the shop, and one delivery per event and subscriber for the broker. Choose it when more than the ledger follows from an order.`,
  guarantees: { delivery: 'at-least-once', acceptedAfter: 'confirm' },
  uses: ['rabbitmq', 'postgres'],
  creates: { exchanges: [EXCHANGE], queues: [...LEDGER_QUEUES, ...SUBSCRIBERS.map(({ queue }) => queue)] },
  options,
  open(chosen, context) {
    const { broker, namespace } = context;
    const exchange = namespace.queue(EXCHANGE);
    const ledger = openLedgerQueue(context, chosen);
    const departments = SUBSCRIBERS.map(({ queue, pattern }) => ({ queue: namespace.queue(queue), pattern }));
    const topology: Topology = {
      exchanges: [{ name: exchange, type: 'topic' }],
      queues: [
        ...ledger.specs,
        ...departments.map(({ queue }): QueueSpec => ({
          name: queue,
          type: 'classic',
          durable: true,
          expiresMs: QUEUE_EXPIRES_MS,
        })),
      ],
      bindings: [{ queue: ledger.name, pattern: EVERY_EVENT }, ...departments].map((binding) => ({
        ...binding,
        exchange,
      })),
    };

    return {
      declare: () => broker.declare(topology),
      publish: (event) =>
        sendTo(broker, {
          exchange,
          routingKey: `order.${event.kind}`,
          body: encodeEvents([event]),
          persistent: true,
          confirm: true,
        }),
      async subscribe() {
        const ends = await Promise.all([
          ledger.subscribe(),
          ...departments.map(({ queue }) => countDeliveries(context, queue, chosen.prefetch)),
        ]);
        return async () => {
          await Promise.all(ends.map((end) => end()));
        };
      },
      backlog: () => ledger.backlog(),
    };
  },
};

import { z } from 'zod';
import type { Topology } from '../../backends/ports.ts';
import { unreachable } from '../../kernel/assert.ts';
import { encodeEvent } from './event-codec.ts';
import { consumeIntoLedger } from './ledger-consumer.ts';
import type { QueueStrategy } from './port.ts';

const options = z.strictObject({
  prefetch: z.int().min(1).max(65_535).default(1_000).describe('unacknowledged deliveries per node at most'),
  batchSize: z.int().min(1).max(5_000).default(500).describe('events per ledger write at most'),
  deadlineMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(1_000)
    .describe('an event in the ledger within this time counts as delivered in time'),
});

const QUEUE = 'ledger';
const PARKING = 'ledger.parking';
/** A queue that nobody consumes any more goes by itself after this long. */
const EXPIRES_MS = 30 * 60_000;

export const confirm: QueueStrategy<z.infer<typeof options>> = {
  name: 'confirm',
  summary:
    'durable queue, persistent messages, publisher confirms; the consumer writes the ledger in batches',
  page: `The request publishes a persistent, mandatory message and answers its customer when the broker has confirmed it. Each node consumes in batches: one idempotent INSERT, then the acknowledgement. A batch that the ledger keeps refusing goes to a parking queue.

Breaks: a confirm that is lost leaves the order's fate unknown to the customer; a redelivery repeats an event, which the ledger ignores; one classic queue on one broker dies with its disk.

Costs one confirmed publish per event and, for the whole shop, one INSERT per batch. Choose it to keep the ledger out of the customer's way.`,
  guarantees: { delivery: 'at-least-once' },
  uses: ['rabbitmq', 'postgres'],
  creates: { exchanges: [], queues: [QUEUE, PARKING] },
  options,
  open(chosen, context) {
    const { broker, namespace } = context;
    const queue = namespace.queue(QUEUE);
    const parking = namespace.queue(PARKING);
    const topology: Topology = {
      exchanges: [],
      queues: [
        { name: parking, type: 'classic', durable: true, expiresMs: EXPIRES_MS },
        { name: queue, type: 'classic', durable: true, expiresMs: EXPIRES_MS, deadLetterQueue: parking },
      ],
      bindings: [],
    };

    return {
      declare: () => broker.declare(topology),
      async publish(event) {
        const outcome = await broker.publish({
          exchange: '',
          routingKey: queue,
          body: encodeEvent(event),
          persistent: true,
          confirm: true,
        });
        switch (outcome.kind) {
          case 'confirmed':
          case 'sent':
            return { kind: 'accepted' };
          case 'unroutable':
            return { kind: 'refused', reason: `RabbitMQ has no queue ${queue}` };
          case 'refused':
            return { kind: 'refused', reason: 'RabbitMQ refused the message' };
          default:
            return unreachable(outcome);
        }
      },
      subscribe: () => consumeIntoLedger(context, { ...chosen, queue }),
      async backlog() {
        const [waiting, deadLettered] = await Promise.all([broker.depth(queue), broker.depth(parking)]);
        return { waiting, deadLettered };
      },
    };
  },
};

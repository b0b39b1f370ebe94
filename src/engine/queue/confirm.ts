import { z } from 'zod';
import { batchOptions, inBatches } from './event-batches.ts';
import { encodeEvents } from './event-codec.ts';
import { consumerOptions } from './ledger-consumer.ts';
import { LEDGER_QUEUES, openLedgerQueue } from './ledger-queue.ts';
import type { QueueStrategy } from './port.ts';

const options = z.strictObject({ ...consumerOptions, ...batchOptions });

export const confirm: QueueStrategy<z.infer<typeof options>> = {
  name: 'confirm',
  summary:
    'durable queue, persistent messages, publisher confirms; the consumer writes the ledger in batches',
  page: `The request publishes a persistent, mandatory message and answers its customer when the broker has confirmed it. Each node consumes in batches: one idempotent INSERT, then the acknowledgement. A batch that the ledger keeps refusing goes to a parking queue. With eventsPerMessage above 1, events that a node publishes at about the same time share a message and its confirm.

Breaks: a confirm that is lost leaves the order's fate unknown to the customer, and with several events in the message that of every customer in it; a redelivery repeats an event, which the ledger ignores; one classic queue on one broker dies with its disk.

Costs one confirmed publish per event or message and, for the whole shop, one INSERT per batch. Choose it to keep the ledger out of the customer's way.`,
  guarantees: { delivery: 'at-least-once', acceptedAfter: 'confirm' },
  uses: ['rabbitmq', 'postgres'],
  creates: { exchanges: [], queues: LEDGER_QUEUES },
  options,
  open(chosen, context) {
    const queue = openLedgerQueue(context, chosen);
    return {
      ...queue,
      publish: inBatches(chosen, context.clock, (events) => queue.send(encodeEvents(events))),
    };
  },
};

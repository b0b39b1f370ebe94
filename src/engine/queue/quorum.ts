import { z } from 'zod';
import { batchOptions, inBatches } from './event-batches.ts';
import { encodeEvents } from './event-codec.ts';
import { consumerOptions } from './ledger-consumer.ts';
import { LEDGER_QUEUES, openLedgerQueue } from './ledger-queue.ts';
import type { QueueStrategy } from './port.ts';

const options = z.strictObject({
  ...consumerOptions,
  ...batchOptions,
  deliveryLimit: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('a message that comes back so often, as its consumers die on it, is set aside'),
});

export const quorum: QueueStrategy<z.infer<typeof options>> = {
  name: 'quorum',
  summary: 'as confirm, on a quorum queue: replicated by Raft, with a limit to deliveries and dead letters',
  page: `A confirm comes when a majority of the queue's replicas has written the message to disk (Raft), so that the loss of a minority of the brokers loses nothing. The broker counts how often a message comes back unanswered; one that reaches the limit, because its consumers die on it, is dead-lettered to a parking queue, as is a batch that the ledger keeps refusing. Each node consumes in batches: one idempotent INSERT, then the acknowledgement.

Breaks: as confirm does, but for the disk: a lost confirm leaves orders unknown, a redelivery repeats events, which the ledger ignores. Without a majority of its replicas the queue takes nothing. On a single broker there is one replica, and nothing is replicated.

Costs a write to disk on a majority of replicas before each confirm, and more memory per message than a classic queue. Choose it on a cluster of three brokers and more.`,
  guarantees: { delivery: 'at-least-once', acceptedAfter: 'confirm' },
  uses: ['rabbitmq', 'postgres'],
  creates: { exchanges: [], queues: LEDGER_QUEUES },
  options,
  open(chosen, context) {
    const queue = openLedgerQueue(context, { ...chosen, type: 'quorum' });
    return {
      ...queue,
      publish: inBatches(chosen, context.clock, (events) => queue.send(encodeEvents(events))),
    };
  },
};

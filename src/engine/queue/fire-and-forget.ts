import { z } from 'zod';
import { encodeEvents } from './event-codec.ts';
import { consumerOptions } from './ledger-consumer.ts';
import { LEDGER_QUEUES, openLedgerQueue, sendTo } from './ledger-queue.ts';
import type { QueueStrategy } from './port.ts';

const options = z.strictObject(consumerOptions);

export const fireAndForget: QueueStrategy<z.infer<typeof options>> = {
  name: 'fire-and-forget',
  summary: 'publishes without confirms and answers at once: what the broker does not get is lost unseen',
  page: `The request writes a transient message to its connection and answers its customer without waiting. The consumers are those of confirm: batches into the ledger, then the acknowledgement.

Breaks: the promise to the customer rests on nothing. A connection that is reset takes along what was in its buffers; a broker that restarts forgets its transient messages; a message that no queue is bound for is dropped. The orders are missing from the ledger, and nobody is told.

Costs one message per event and no waiting. Choose it never for orders: it is the negative control, which the audit must find out under faults.`,
  guarantees: { delivery: 'at-most-once', acceptedAfter: 'send' },
  uses: ['rabbitmq', 'postgres'],
  creates: { exchanges: [], queues: LEDGER_QUEUES },
  options,
  open(chosen, context) {
    const queue = openLedgerQueue(context, chosen);
    return {
      ...queue,
      publish: (event) =>
        sendTo(context.broker, {
          exchange: '',
          routingKey: queue.name,
          body: encodeEvents([event]),
          persistent: false,
          confirm: false,
        }),
    };
  },
};

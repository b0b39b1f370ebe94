import { z } from 'zod';
import type { TableSpec } from '../../backends/ports.ts';
import { encodeEvents } from './event-codec.ts';
import { consumerOptions } from './ledger-consumer.ts';
import { LEDGER_QUEUES, openLedgerQueue } from './ledger-queue.ts';
import { OutboxRelay } from './outbox-relay.ts';
import type { QueueStrategy } from './port.ts';

const options = z.strictObject({
  ...consumerOptions,
  relayBatch: z
    .int()
    .min(1)
    .max(2_000)
    .default(500)
    .describe('events that the relay sends in one go at most'),
  pollMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(50)
    .describe('how often the relay looks for events of other nodes, and tries again what failed'),
});

const OUTBOX: TableSpec = {
  name: 'outbox',
  columns: { seq: 'bigserial', body: 'text' },
  primaryKey: ['seq'],
};

export const outbox: QueueStrategy<z.infer<typeof options>> = {
  name: 'outbox',
  summary:
    'the event is a row in PostgreSQL first; a relay sends it to RabbitMQ and removes it after the confirm',
  page: `The request inserts its event into the table outbox and answers its customer after the commit: no broker is asked, and none needs to be up. A relay on each node locks the oldest rows that no other relay has (FOR UPDATE SKIP LOCKED), publishes them, waits for the confirms and deletes in the same transaction what was confirmed. The ledger's consumers are those of confirm.

Breaks: a relay that dies between the confirm and its commit sends its events again, which the ledger ignores. A database that is down stops the shop. The units are taken in the stock's own store and not in the transaction of the event, so a shop that dies between the two leaks them.

Costs one transaction per event, and one more per relayed batch, beside the ledger's own writes; rows live for milliseconds and leave dead tuples to vacuum. Choose it where an accepted order must survive an outage of the broker.`,
  guarantees: { delivery: 'at-least-once', acceptedAfter: 'commit' },
  uses: ['rabbitmq', 'postgres'],
  creates: { exchanges: [], queues: LEDGER_QUEUES },
  options,
  open(chosen, context) {
    const { postgres } = context;
    const queue = openLedgerQueue(context, chosen);
    const relay = new OutboxRelay(context, { ...chosen, table: OUTBOX.name }, (body) => queue.send(body));

    return {
      async declare() {
        await Promise.all([postgres.define([OUTBOX]), queue.declare()]);
      },
      async publish(event) {
        await postgres.query({
          kind: 'insert',
          table: OUTBOX.name,
          columns: { body: [encodeEvents([event])] },
          onConflict: 'fail',
        });
        relay.nudge();
        return { kind: 'accepted' };
      },
      async subscribe() {
        const unsubscribe = await queue.subscribe();
        const stop = relay.start();
        return async () => {
          await stop();
          await unsubscribe();
        };
      },
      async backlog() {
        // First what is still here: an event on its way then counts twice rather than not at all.
        const { rows } = await postgres.query({ kind: 'count', table: OUTBOX.name, where: [] });
        const { waiting, deadLettered } = await queue.backlog();
        return { waiting: Number(rows[0]!['rows']) + waiting, deadLettered };
      },
    };
  },
};

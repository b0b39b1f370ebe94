import type { Broker, OutgoingMessage, PublishOutcome, QueueSpec } from '../../backends/ports.ts';
import { unreachable } from '../../kernel/assert.ts';
import { QUEUE_EXPIRES_MS } from '../namespace.ts';
import { consumeIntoLedger, type ConsumerOptions } from './ledger-consumer.ts';
import type { EventPublishOutcome, QueueContext, QueuePort } from './port.ts';

const QUEUE = 'ledger';
const PARKING = 'ledger.parking';

/** What `openLedgerQueue` creates on the broker. */
export const LEDGER_QUEUES: readonly string[] = [QUEUE, PARKING];

interface LedgerQueueOptions extends ConsumerOptions {
  readonly type?: QueueSpec['type'];
  readonly deliveryLimit?: number;
  /** Events in one message at most. */
  readonly eventsPerMessage?: number;
}

interface LedgerQueue extends Omit<QueuePort, 'publish'> {
  readonly name: string;
  readonly specs: readonly QueueSpec[];
  /** A persistent message, and the broker's confirm. */
  send(body: string): Promise<EventPublishOutcome>;
}

/** The durable queue whose consumers write the ledger, and the parking queue for what the ledger refuses. */
export const openLedgerQueue = (context: QueueContext, options: LedgerQueueOptions): LedgerQueue => {
  const { broker, namespace } = context;
  const { type = 'classic', deliveryLimit, eventsPerMessage = 1 } = options;
  const name = namespace.queue(QUEUE);
  const parking = namespace.queue(PARKING);
  const lasting = { type, durable: true, expiresMs: QUEUE_EXPIRES_MS };
  const specs: readonly QueueSpec[] = [
    { ...lasting, name: parking },
    { ...lasting, name, deadLetterQueue: parking, ...(deliveryLimit !== undefined && { deliveryLimit }) },
  ];
  return {
    name,
    specs,
    declare: () => broker.declare({ exchanges: [], queues: specs, bindings: [] }),
    send: (body) => sendTo(broker, { exchange: '', routingKey: name, body, persistent: true, confirm: true }),
    subscribe: () => consumeIntoLedger(context, name, options),
    async backlog() {
      const [waiting, parked] = await Promise.all([broker.depth(name), broker.depth(parking)]);
      return { waiting: waiting * eventsPerMessage, deadLettered: parked * eventsPerMessage };
    },
  };
};

/** Publishes one message, and says what its outcome means for the events in it. */
export const sendTo = (broker: Broker, message: OutgoingMessage): Promise<EventPublishOutcome> =>
  broker.publish(message).then((outcome) => meaningOf(outcome, message));

const ACCEPTED: EventPublishOutcome = { kind: 'accepted' };

const meaningOf = (outcome: PublishOutcome, message: OutgoingMessage): EventPublishOutcome => {
  switch (outcome.kind) {
    case 'confirmed':
    case 'sent':
      return ACCEPTED;
    case 'unroutable': {
      const { exchange, routingKey } = message;
      const missing = exchange === '' ? `queue ${routingKey}` : `queue for ${routingKey} at ${exchange}`;
      return { kind: 'refused', reason: `RabbitMQ has no ${missing}` };
    }
    case 'refused':
      return { kind: 'refused', reason: 'RabbitMQ refused the message' };
    default:
      return unreachable(outcome);
  }
};

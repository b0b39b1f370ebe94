import type { Broker, Consumer, Delivery } from '../../backends/ports.ts';
import { QUEUE_EXPIRES_MS } from '../namespace.ts';
import type { EngineContext } from '../strategy.ts';

/** A lock is given: the node `by` keeps the ticket at the head of its queue. */
export interface Grant {
  readonly queue: string;
  readonly ticket: string;
  readonly by: string;
  /** When the lease began, as epoch time. */
  readonly sinceMs: number;
}

export interface InboxEvents {
  granted(grant: Grant): void;
  released(queue: string, ticket: string): void;
}

const UNANSWERED_LETTERS = 1_000;

/**
 * The queue in which a node has what other nodes tell it. It goes with the node's connection: what is sent to a node
 * that has died finds no queue.
 */
export class NodeInbox {
  readonly #broker: Broker;
  readonly #nameOf: (node: string) => string;
  readonly #node: string;
  readonly #events: InboxEvents;
  #opened: Promise<Consumer> | undefined;
  #consumer: Consumer | undefined;

  constructor({ broker, namespace }: EngineContext, node: string, events: InboxEvents) {
    this.#broker = broker;
    this.#nameOf = (name) => namespace.queue(`lock.node.${name}`);
    this.#node = node;
    this.#events = events;
  }

  get isOpen(): boolean {
    return this.#consumer?.ended === false;
  }

  /** Resolves once letters come; a failure is the caller's, and the next one tries again. */
  open(): Promise<Consumer> {
    if (this.#consumer?.ended === true) this.#consumer = this.#opened = undefined;
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  /** Whether the node is there to be told. */
  grant(to: string, { queue, ticket, by, sinceMs }: Grant): Promise<boolean> {
    return this.#send(to, `granted ${queue} ${ticket} ${by} ${sinceMs}`);
  }

  /** Whether the node is there to be told. */
  release(to: string, queue: string, ticket: string): Promise<boolean> {
    return this.#send(to, `released ${queue} ${ticket}`);
  }

  /** Rejects with a BackendError when nothing can be sent. A node that cannot hear itself begins anew to listen. */
  async check(): Promise<void> {
    const opened = this.open();
    const consumer = await opened;
    const isHeard = await this.#send(this.#node, 'nothing');
    if (isHeard || opened !== this.#opened) return;
    this.#opened = undefined;
    this.#consumer = undefined;
    await consumer.cancel();
    await this.open();
  }

  async #open(): Promise<Consumer> {
    const name = this.#nameOf(this.#node);
    const own = {
      name,
      type: 'classic',
      durable: true,
      autoDelete: true,
      expiresMs: QUEUE_EXPIRES_MS,
    } as const;
    await this.#broker.declare({ exchanges: [], queues: [own], bindings: [] });
    const consumer: Consumer = await this.#broker.consume(
      name,
      { prefetch: UNANSWERED_LETTERS },
      (delivery) => {
        consumer.ack(delivery, false);
        this.#read(delivery);
      },
    );
    this.#consumer = consumer;
    return consumer;
  }

  #read({ body }: Delivery): void {
    const [kind, queue = '', ticket = '', by = '', sinceMs] = body.split(' ');
    if (kind === 'granted') this.#events.granted({ queue, ticket, by, sinceMs: Number(sinceMs) });
    if (kind === 'released') this.#events.released(queue, ticket);
  }

  async #send(to: string, body: string): Promise<boolean> {
    const { kind } = await this.#broker.publish({
      exchange: '',
      routingKey: this.#nameOf(to),
      body,
      persistent: false,
      confirm: true,
    });
    return kind === 'confirmed';
  }
}

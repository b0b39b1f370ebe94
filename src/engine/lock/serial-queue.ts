import { BackendError, type Broker, type Consumer, type Delivery } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { QUEUE_EXPIRES_MS } from '../namespace.ts';
import type { Grant } from './node-inbox.ts';
import { Pause } from './pause.ts';
import { unawaited } from './unawaited.ts';

/** A holder that has not released after this long is told again: it, or its release, may have been cut off. */
const TELL_AGAIN_MS = 250;
/** After so many tickets of others in a row, a node that has none itself leaves the queue to those who do. */
const STRANGERS_SERVED = 100;
/** Tickets that wait in the queue, over all nodes: whoever comes beyond that is turned away. */
const LONGEST_QUEUE = 10_000;

/** What a ticket says: its name, the lease that it wants, and when nobody waits for it any more. */
export const ticketText = (ticket: string, ttlMs: number, deadlineEpochMs: number): string =>
  `${ticket} ${ttlMs} ${deadlineEpochMs}`;

/** The ticket at the head of the queue, in the hands of this node. */
interface Service {
  readonly ticket: string;
  readonly consumer: Consumer;
  readonly delivery: Delivery;
  /** Ended with the service. */
  readonly pause: Pause;
}

interface SerialQueueParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly name: string;
  /** This node. */
  readonly node: string;
  /** Tells the ticket's node, and says whether it is there to be told. */
  readonly tell: (grant: Grant) => Promise<boolean>;
  readonly isOwn: (ticket: string) => boolean;
}

/**
 * One node's end of a queue with a single active consumer. While this node is the one, it keeps the ticket at the head
 * unacknowledged for as long as its lock is held: the broker has it should this node go.
 */
export class SerialQueue {
  readonly #parts: SerialQueueParts;
  #consumer: Promise<Consumer> | undefined;
  #service: Service | undefined;
  #users = 0;
  #strangers = 0;

  constructor(parts: SerialQueueParts) {
    this.#parts = parts;
  }

  /** From here to `exit` this node stays with the queue once it is `open`. */
  enter(): void {
    this.#users += 1;
    this.#strangers = 0;
  }

  exit(): void {
    this.#users -= 1;
  }

  /** Resolves once this node is there to serve the queue. Rejects with a BackendError, and the next one tries again. */
  async open(): Promise<void> {
    const present = this.#consumer;
    if (present !== undefined && (await present).ended && this.#consumer === present)
      this.#consumer = undefined;
    this.#consumer ??= this.#consume().catch((error: unknown) => {
      this.#consumer = undefined;
      throw error;
    });
    await this.#consumer;
  }

  /** false: the ticket is not, or no longer, in this node's hands. */
  release(ticket: string): boolean {
    return this.#service?.ticket === ticket && this.#end(this.#service);
  }

  async #consume(): Promise<Consumer> {
    const { broker, name } = this.#parts;
    const spec = {
      name,
      type: 'classic',
      durable: true,
      expiresMs: QUEUE_EXPIRES_MS,
      maxLength: LONGEST_QUEUE,
      singleActiveConsumer: true,
    } as const;
    await broker.declare({ exchanges: [], queues: [spec], bindings: [] });
    const consumer: Consumer = await broker.consume(name, { prefetch: 1 }, (delivery) => {
      void this.#serve(consumer, delivery);
    });
    return consumer;
  }

  /** A ticket that was delivered before may be a holder's: it keeps its place until it is released, or for a lease. */
  async #serve(consumer: Consumer, delivery: Delivery): Promise<void> {
    const { clock, node, name } = this.#parts;
    const [ticket = '', ttlMs, deadlineEpochMs] = delivery.body.split(' ');
    const service = { ticket, consumer, delivery, pause: new Pause(clock) };
    // What was served before has gone with its connection: there is one at a time.
    this.#service?.pause.end();
    this.#service = service;
    const sinceMs = clock.epoch();
    const endMs = clock.now() + Number(ttlMs);
    let mayBeHeld = delivery.redelivered;
    if (mayBeHeld || sinceMs < Number(deadlineEpochMs)) {
      while (this.#service === service && clock.now() < endMs) {
        const isThere = await this.#tell({ queue: name, ticket, by: node, sinceMs });
        if (!isThere && !mayBeHeld) break;
        mayBeHeld = true;
        await service.pause.wait(Math.min(endMs - clock.now(), TELL_AGAIN_MS), undefined);
      }
    }
    this.#end(service);
  }

  async #tell(grant: Grant): Promise<boolean> {
    try {
      return await this.#parts.tell(grant);
    } catch (error) {
      if (error instanceof BackendError) return true;
      throw error;
    }
  }

  #end(service: Service): boolean {
    if (this.#service !== service) return false;
    this.#service = undefined;
    service.pause.end();
    const isAnswered = service.consumer.ack(service.delivery, false);
    this.#strangers = this.#parts.isOwn(service.ticket) ? 0 : this.#strangers + 1;
    const isIdle = this.#users === 0 && this.#strangers >= STRANGERS_SERVED;
    if (isIdle && !service.consumer.ended) this.#leave(service.consumer);
    return isAnswered;
  }

  /**
   * The broker may have sent the next ticket already: whoever serves then gets it as delivered before, and keeps it
   * for a lease if its node has died meanwhile.
   */
  #leave(consumer: Consumer): void {
    this.#consumer = undefined;
    unawaited(consumer.cancel());
  }
}

import { BackendError, type Broker, type Consumer, type Delivery } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { QUEUE_EXPIRES_MS } from '../namespace.ts';
import { Alarm } from './alarm.ts';
import type { Grant } from './node-inbox.ts';

/** A holder that has not released after this long is told again: it, or its release, may have been cut off. */
const TELL_AGAIN_MS = 250;
/** Tickets that wait in the queue, over all nodes: whoever comes beyond that is turned away. */
const LONGEST_QUEUE = 10_000;

/** What a ticket says: its name, the lease that it wants, and when nobody waits for it any more. */
export const ticketText = (ticket: string, ttlMs: number, deadlineEpochMs: number): string =>
  `${ticket} ${ttlMs} ${deadlineEpochMs}`;

/** The ticket at the head of the queue, in the hands of this node. */
interface Service {
  readonly grant: Grant;
  readonly consumer: Consumer;
  readonly delivery: Delivery;
  /** When its lease is over, on the clock. */
  readonly endMs: number;
  /** When its holder is to be told again; Infinity: it is being told. */
  tellMs: number;
  mayBeHeld: boolean;
}

interface SerialQueueParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly name: string;
  /** This node. */
  readonly node: string;
  readonly isOwn: (ticket: string) => boolean;
  /** Tells this node. */
  readonly grant: (grant: Grant) => void;
  /** Tells the ticket's node, which is another, and says whether it is there to be told. */
  readonly send: (grant: Grant) => Promise<boolean>;
}

/**
 * One node's end of a queue with a single active consumer. While this node is the one, it keeps the ticket at the head
 * unacknowledged for as long as its lock is held: the broker has it should this node go.
 */
export class SerialQueue {
  readonly #parts: SerialQueueParts;
  readonly #alarm: Alarm;
  #opening: Promise<void> | undefined;
  #consumer: Consumer | undefined;
  #service: Service | undefined;

  constructor(parts: SerialQueueParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.clock, () => this.#service && this.#look(this.#service));
  }

  /** Whether this node is there to serve the queue. */
  get isOpen(): boolean {
    return this.#consumer?.ended === false;
  }

  /** Resolves once `isOpen`. Rejects with a BackendError, and the next one tries again. */
  async open(): Promise<void> {
    if (this.isOpen) return;
    this.#opening ??= this.#consume().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  /** false: the ticket is not, or no longer, in this node's hands. */
  release(ticket: string): boolean {
    return this.#service?.grant.ticket === ticket && this.#end(this.#service);
  }

  async #consume(): Promise<void> {
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
    const options = { prefetch: 1, answersOneByOne: true };
    const consumer: Consumer = await broker.consume(name, options, (delivery) =>
      this.#serve(consumer, delivery),
    );
    this.#consumer = consumer;
  }

  /** A ticket that was delivered before may be a holder's: it keeps its place until it is released, or for a lease. */
  #serve(consumer: Consumer, delivery: Delivery): void {
    const { clock, node: by, name: queue } = this.#parts;
    const [ticket = '', ttlMs, deadlineEpochMs] = delivery.body.split(' ');
    const sinceMs = clock.epoch();
    const nowMs = clock.now();
    const mayBeHeld = delivery.redelivered;
    const grant = { queue, ticket, by, sinceMs };
    const service = { grant, consumer, delivery, endMs: nowMs + Number(ttlMs), tellMs: nowMs, mayBeHeld };
    // What was served before has gone with its connection: there is one at a time.
    this.#service = service;
    if (mayBeHeld || sinceMs < Number(deadlineEpochMs)) this.#look(service);
    else this.#end(service);
  }

  #look(service: Service): void {
    const nowMs = this.#parts.clock.now();
    if (nowMs >= service.endMs) {
      this.#end(service);
      return;
    }
    if (nowMs >= service.tellMs) this.#tell(service, nowMs);
    // Never far ahead: a timer outlives what it was set for.
    const nextMs = Math.min(service.endMs, service.tellMs, nowMs + TELL_AGAIN_MS);
    if (this.#service === service) this.#alarm.setFor(nextMs);
  }

  #tell(service: Service, nowMs: number): void {
    const { isOwn, grant } = this.#parts;
    if (isOwn(service.grant.ticket)) {
      service.tellMs = nowMs + TELL_AGAIN_MS;
      service.mayBeHeld = true;
      grant(service.grant);
      return;
    }
    service.tellMs = Infinity;
    void this.#send(service);
  }

  async #send(service: Service): Promise<void> {
    const { clock, send } = this.#parts;
    let isThere = true;
    try {
      isThere = await send(service.grant);
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
    }
    if (!isThere && !service.mayBeHeld) this.#end(service);
    if (this.#service !== service) return;
    service.mayBeHeld = true;
    service.tellMs = clock.now() + TELL_AGAIN_MS;
    this.#look(service);
  }

  #end(service: Service): boolean {
    if (this.#service !== service) return false;
    this.#service = undefined;
    return service.consumer.ack(service.delivery, false);
  }
}

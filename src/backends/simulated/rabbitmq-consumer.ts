import { NumberedRing } from '../../kernel/numbered-ring.ts';
import type { QueueConsumer, QueuedMessage, SimulatedQueue } from './rabbitmq-queue.ts';

interface ConsumerEvents {
  delivery(number: number, message: QueuedMessage): void;
  /** The broker ended it, because its queue was deleted. */
  ended(): void;
  /** The broker closed its channel, because it answered a delivery that it does not hold. */
  failed(): void;
}

/** A consumer on a channel of its own, as the broker keeps it. Deliveries are numbered from 1. */
export class SimulatedConsumer implements QueueConsumer {
  readonly #queue: SimulatedQueue;
  readonly #prefetch: number;
  readonly #events: ConsumerEvents;
  readonly #unanswered = new NumberedRing<QueuedMessage>();
  #closed = false;

  constructor(queue: SimulatedQueue, prefetch: number, events: ConsumerEvents) {
    this.#queue = queue;
    this.#prefetch = prefetch;
    this.#events = events;
  }

  get free(): boolean {
    return this.#unanswered.size < this.#prefetch;
  }

  deliver(message: QueuedMessage): void {
    this.#events.delivery(this.#unanswered.add(message), message);
  }

  end(): void {
    this.#closed = true;
    this.#unanswered.takeAll();
    this.#events.ended();
  }

  ack(number: number, upTo: boolean): void {
    if (!this.#holds(number)) return;
    if (upTo) this.#unanswered.takeUpTo(number);
    else this.#unanswered.take(number);
    this.#queue.pump();
  }

  reject(number: number, requeue: boolean): void {
    if (!this.#holds(number)) return;
    const message = this.#unanswered.take(number)!;
    if (requeue) this.#queue.requeue([message]);
    else this.#queue.reject(message);
    this.#queue.pump();
  }

  /** Gives everything back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.requeue(this.#unanswered.takeAll());
    this.#queue.detach(this);
  }

  #holds(number: number): boolean {
    if (this.#closed) return false;
    const holds = this.#unanswered.get(number) !== undefined;
    if (!holds) {
      this.close();
      this.#events.failed();
    }
    return holds;
  }
}

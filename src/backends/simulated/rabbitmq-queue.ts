import type { Cancel, Clock } from '../../kernel/clock.ts';
import { Deque } from '../../kernel/deque.ts';
import type { QueueSpec } from '../ports.ts';

/** Where a message has been dead-lettered, and whether a consumer had rejected it there. */
interface Death {
  readonly queue: string;
  readonly rejected: boolean;
}

export interface QueuedMessage {
  readonly body: string;
  readonly deaths: readonly Death[];
  /** Its place among the messages of its queue; kept when it comes back. */
  readonly position: number;
  readonly expiresAtMs: number;
  /** How often a consumer gave it back. */
  returns: number;
}

export interface QueueConsumer {
  /** Whether it may have another message. */
  readonly free: boolean;
  deliver(message: QueuedMessage): void;
  /** The queue was deleted. */
  end(): void;
}

export type DeadLetter = (queue: string, body: string, deaths: readonly Death[]) => void;

/** A queue of RabbitMQ: https://www.rabbitmq.com/docs/queues, /ttl, /dlx, /consumers. */
export class SimulatedQueue {
  readonly spec: QueueSpec;
  readonly #clock: Clock;
  readonly #deadLetter: DeadLetter;
  /** Ordered by position. */
  readonly #ready = new Deque<QueuedMessage>();
  readonly #consumers: QueueConsumer[] = [];
  #turn = 0;
  #lastPosition = 0;
  #unusedSinceMs: number;
  #wasConsumed = false;
  #expiry: Cancel | undefined;

  constructor(spec: QueueSpec, clock: Clock, deadLetter: DeadLetter) {
    this.spec = spec;
    this.#clock = clock;
    this.#deadLetter = deadLetter;
    this.#unusedSinceMs = clock.now();
  }

  /** Whether the broker removed it: with its last consumer, or as nobody used it for so long. */
  get expired(): boolean {
    const { expiresMs, autoDelete } = this.spec;
    if (this.#consumers.length > 0) return false;
    if (autoDelete === true && this.#wasConsumed) return true;
    if (expiresMs === undefined) return false;
    return this.#clock.now() - this.#unusedSinceMs >= expiresMs;
  }

  get depth(): number {
    this.#dropExpired();
    return this.#ready.length;
  }

  /** A declaration starts the time to the queue's expiry again. */
  touch(): void {
    this.#unusedSinceMs = this.#clock.now();
  }

  /** false: it is full. */
  enqueue(body: string, deaths: readonly Death[] = []): boolean {
    const { messageTtlMs, maxLength = Infinity } = this.spec;
    this.#dropExpired();
    if (this.#ready.length >= maxLength) return false;
    const expiresAtMs = messageTtlMs === undefined ? Infinity : this.#clock.now() + messageTtlMs;
    this.#lastPosition += 1;
    this.#ready.push({ body, deaths, position: this.#lastPosition, expiresAtMs, returns: 0 });
    this.pump();
    return true;
  }

  attach(consumer: QueueConsumer): void {
    this.#consumers.push(consumer);
    this.#wasConsumed = true;
    this.pump();
  }

  detach(consumer: QueueConsumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index === -1) return;
    this.#consumers.splice(index, 1);
    if (index < this.#turn) this.#turn -= 1;
    if (this.#consumers.length === 0) this.touch();
    this.pump();
  }

  /** Takes back what a consumer did not finish, the oldest first, each to its old place. */
  requeue(messages: readonly QueuedMessage[]): void {
    const kept = messages.filter((message) => !this.#exceedsLimit(message));
    const last = kept.at(-1);
    if (last === undefined) return;
    const earlier: QueuedMessage[] = [];
    for (let head = this.#ready.first(); head !== undefined; head = this.#ready.first()) {
      if (head.position > last.position) break;
      earlier.push(this.#ready.shift()!);
    }
    const merged = [...earlier, ...kept].toSorted((a, b) => b.position - a.position);
    for (const message of merged) this.#ready.unshift(message);
  }

  reject(message: QueuedMessage): void {
    this.#die(message, true);
  }

  /** Gives ready messages to consumers that may have one, in turn. */
  pump(): void {
    this.#dropExpired();
    while (this.#ready.length > 0) {
      const consumer = this.#nextConsumer();
      if (consumer === undefined) break;
      consumer.deliver(this.#ready.shift()!);
    }
    this.#armExpiry();
  }

  /** Stops its timer; `pump` starts it again. */
  suspend(): void {
    this.#expiry?.();
    this.#expiry = undefined;
  }

  delete(): void {
    this.suspend();
    for (const consumer of this.#consumers.splice(0)) consumer.end();
  }

  #nextConsumer(): QueueConsumer | undefined {
    const consumers = this.#consumers;
    if (this.spec.singleActiveConsumer === true)
      return consumers[0]?.free === true ? consumers[0] : undefined;
    for (let tried = 0; tried < consumers.length; tried += 1) {
      if (this.#turn >= consumers.length) this.#turn = 0;
      const consumer = consumers[this.#turn]!;
      this.#turn += 1;
      if (consumer.free) return consumer;
    }
    return undefined;
  }

  /** Counts one more return; at the limit of a quorum queue the message goes to the dead letters instead. */
  #exceedsLimit(message: QueuedMessage): boolean {
    message.returns += 1;
    const exceeds = message.returns >= (this.spec.deliveryLimit ?? Infinity);
    if (exceeds) this.#die(message, false);
    return exceeds;
  }

  /** Messages expire at the head of the queue only. */
  #dropExpired(): void {
    if (this.spec.messageTtlMs === undefined) return;
    const nowMs = this.#clock.now();
    for (let head = this.#ready.first(); head !== undefined; head = this.#ready.first()) {
      if (head.expiresAtMs > nowMs) return;
      this.#ready.shift();
      this.#die(head, false);
    }
  }

  #armExpiry(): void {
    const atMs = this.#ready.first()?.expiresAtMs ?? Infinity;
    if (this.#expiry !== undefined || atMs === Infinity) return;
    this.#expiry = this.#clock.schedule(Math.max(0, atMs - this.#clock.now()), () => {
      this.#expiry = undefined;
      this.pump();
    });
  }

  /** A message that goes round in circles without a consumer's doing is dropped. */
  #die(message: QueuedMessage, rejected: boolean): void {
    const target = this.spec.deadLetterQueue;
    if (target === undefined) return;
    const queue = this.spec.name;
    const earlier = message.deaths.filter((death) => death.queue !== queue || death.rejected !== rejected);
    const deaths = [...earlier, { queue, rejected }];
    const visited = deaths.findLastIndex(({ queue }) => queue === target);
    const circles = visited !== -1 && !deaths.slice(visited).some((death) => death.rejected);
    if (!circles) this.#deadLetter(target, message.body, deaths);
  }
}

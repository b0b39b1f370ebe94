import { assert } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ConsumeOptions, Consumer, Delivery } from './ports.ts';

/** A consumer's channel on one connection. It numbers deliveries from 1 on; one that is shared, with gaps. */
export interface DeliveryChannel {
  ack(number: number, upTo: boolean): void;
  reject(number: number, requeue: boolean): void;
  /** Gives what is unanswered back to the queue. */
  close(): Promise<void>;
}

/**
 * A consumer through the channels of successive connections. Its tags go on counting from one channel to the
 * next, so that a tag from before the present channel is known, and an answer to it dropped: the broker has
 * given that message back to the queue.
 */
export class Subscription implements Consumer {
  readonly queue: string;
  readonly prefetch: number;
  readonly answersOneByOne: boolean;
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #onCancel: (subscription: Subscription) => void;
  #channel: DeliveryChannel | undefined;
  #lastTag = 0;
  /** The last tag of the channel before this one. */
  #staleTag = 0;
  /** Deliveries that came before the caller had its Consumer to answer them with. */
  #held: Delivery[] | undefined = [];
  #ended = false;

  constructor(
    queue: string,
    { prefetch, answersOneByOne = false }: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
    onCancel: (subscription: Subscription) => void,
  ) {
    this.queue = queue;
    this.prefetch = prefetch;
    this.answersOneByOne = answersOneByOne;
    this.#onDelivery = onDelivery;
    this.#onCancel = onCancel;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get attached(): boolean {
    return this.#channel !== undefined;
  }

  attach(channel: DeliveryChannel): void {
    this.#channel = channel;
    this.#staleTag = this.#lastTag;
  }

  /** The channel has gone. */
  detach(): void {
    this.#channel = undefined;
    if (this.#held !== undefined) this.#held = [];
  }

  deliver(number: number, body: string, redelivered: boolean): void {
    if (this.#channel === undefined || this.#ended) return;
    const delivery = { body, redelivered, tag: this.#staleTag + number };
    this.#lastTag = delivery.tag;
    if (this.#held === undefined) this.#onDelivery(delivery);
    else this.#held.push(delivery);
  }

  /** Lets deliveries through, in a later turn: by then whoever awaited the Consumer has it. */
  release(clock: Clock): void {
    clock.schedule(0, () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const delivery of held) if (!this.#ended) this.#onDelivery(delivery);
    });
  }

  ack(delivery: Delivery, upTo: boolean): boolean {
    assert(!upTo || !this.answersOneByOne, 'who answers one by one answers for no earlier delivery');
    if (this.#channel === undefined || delivery.tag <= this.#staleTag) return false;
    this.#channel.ack(delivery.tag - this.#staleTag, upTo);
    return true;
  }

  reject(delivery: Delivery, requeue: boolean): void {
    if (delivery.tag > this.#staleTag) this.#channel?.reject(delivery.tag - this.#staleTag, requeue);
  }

  async cancel(): Promise<void> {
    this.#ended = true;
    this.#onCancel(this);
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.close();
  }
}

import type { ChannelModel, ConsumeMessage, Message } from 'amqplib';
import { sleep, wallClock, withDeadline } from '../../kernel/clock.ts';
import type { Subscription } from '../subscription.ts';
import { closeChannel } from './rabbitmq-channel.ts';
import type { Link } from './rabbitmq-link.ts';

const RESTART_DELAY_MS = 50;
const NOT_FOUND = 404;

const noAnswer = () => new Error('no answer from the broker');

/** amqplib reads nothing else of a message that it answers. */
const answered = (deliveryTag: number): Message => ({ fields: { deliveryTag } }) as Message;

/** A handler that throws is a defect to be seen. amqplib would make a closed channel and redeliveries of it. */
const deliver = (subscription: Subscription, { fields, content }: ConsumeMessage): void => {
  try {
    subscription.deliver(fields.deliveryTag, content.toString(), fields.redelivered);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};

/** The consumers of one connection, each with a channel of its own, so that `upTo` covers nobody else's deliveries. */
export class Consumers {
  readonly #subscriptions = new Set<Subscription>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  async add(subscription: Subscription, link: Link): Promise<void> {
    const model = await link.connected(this.#timeoutMs);
    await this.#start(subscription, model, link);
    this.#subscriptions.add(subscription);
  }

  delete(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
  }

  /** Goes over to a new connection. */
  async attach(model: ChannelModel, link: Link): Promise<void> {
    for (const subscription of this.#subscriptions) await this.#resume(subscription, model, link);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.cancel()));
  }

  async #start(subscription: Subscription, model: ChannelModel, link: Link): Promise<void> {
    const channel = await withDeadline(wallClock, model.createChannel(), this.#timeoutMs, noAnswer);
    let started = false;
    channel.on('error', () => {});
    channel.on('close', () => {
      subscription.detach();
      if (started) void this.#restart(subscription, model, link);
    });
    subscription.attach({
      ack: (number, upTo) => channel.ack(answered(number), upTo),
      reject: (number, requeue) => channel.reject(answered(number), requeue),
      close: async () => {
        if (!(await closeChannel(channel))) link.reset();
      },
    });
    const consume = async () => {
      await channel.prefetch(subscription.prefetch);
      await channel.consume(subscription.queue, (message) => {
        // The broker ends the consumers of a queue that is deleted.
        if (message === null) void subscription.cancel();
        else deliver(subscription, message);
      });
    };
    try {
      await withDeadline(wallClock, consume(), this.#timeoutMs, noAnswer);
      started = true;
    } catch (error) {
      // An answer that comes later must not leave a consumer that nobody listens to.
      subscription.detach();
      await closeChannel(channel);
      throw error;
    }
  }

  /** Starts again on a new channel; a queue that is no longer there ends the subscription. */
  async #resume(subscription: Subscription, model: ChannelModel, link: Link): Promise<void> {
    try {
      await this.#start(subscription, model, link);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) await subscription.cancel();
      else throw error;
    }
  }

  /** The broker closed just this channel. The loss of the whole connection is the link's to repair. */
  async #restart(subscription: Subscription, model: ChannelModel, link: Link): Promise<void> {
    await sleep(wallClock, RESTART_DELAY_MS);
    if (subscription.ended || !link.isCurrent(model)) return;
    try {
      await this.#resume(subscription, model, link);
    } catch {
      if (link.isCurrent(model)) link.reset();
    }
  }
}

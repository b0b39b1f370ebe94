import type { Channel, ChannelModel, ConsumeMessage, Message } from 'amqplib';
import { wallClock, withDeadline } from '../../kernel/clock.ts';
import type { Subscription } from '../subscription.ts';
import { closeChannel } from './rabbitmq-channel.ts';

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

interface ConsumerChannelOptions {
  readonly timeoutMs: number;
  /** Its subscriptions have no channel any more. */
  readonly onClosed: () => void;
}

/** A channel for the deliveries of one subscription, or of several that answer theirs one by one. */
export class ConsumerChannel {
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #onClosed: () => void;
  readonly #subscriptions = new Set<Subscription>();
  #tags = 0;
  #prefetch: number | undefined;
  #closing: Promise<boolean> | undefined;
  #isClosed = false;

  private constructor(channel: Channel, { timeoutMs, onClosed }: ConsumerChannelOptions) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
    this.#onClosed = onClosed;
    channel.on('error', () => {});
    channel.on('close', () => this.#end());
  }

  static async open(model: ChannelModel, options: ConsumerChannelOptions): Promise<ConsumerChannel> {
    const channel = await timed(model.createChannel(), options.timeoutMs);
    return new ConsumerChannel(channel, options);
  }

  /**
   * One at a time. After a failure the channel is to be closed: an answer that comes later must not leave a consumer
   * that nobody knows.
   */
  async start(subscription: Subscription, onStuck: () => void): Promise<void> {
    this.#tags += 1;
    const consumerTag = String(this.#tags);
    this.#subscriptions.add(subscription);
    const onMessage = subscription.answersOneByOne
      ? this.#attachBeside(subscription, consumerTag, onStuck)
      : this.#attachAlone(subscription, onStuck);
    const consume = async () => {
      if (this.#prefetch !== subscription.prefetch) await this.#channel.prefetch(subscription.prefetch);
      this.#prefetch = subscription.prefetch;
      await this.#channel.consume(
        subscription.queue,
        (message) => {
          // The broker ends the consumers of a queue that is deleted.
          if (message === null) void subscription.cancel();
          else onMessage(message);
        },
        { consumerTag },
      );
    };
    try {
      await timed(consume(), this.#timeoutMs);
    } catch (error) {
      this.#subscriptions.delete(subscription);
      subscription.detach();
      throw error;
    }
  }

  /** false: the broker did not answer. */
  close(): Promise<boolean> {
    // Not only with the answer: nothing can be sent on it any more, and nothing that comes is heard.
    this.#end();
    this.#closing ??= closeChannel(this.#channel);
    return this.#closing;
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.detach();
    this.#onClosed();
  }

  #attachAlone(subscription: Subscription, onStuck: () => void): (message: ConsumeMessage) => void {
    subscription.attach({
      ack: (number, upTo) => this.#channel.ack(answered(number), upTo),
      reject: (number, requeue) => this.#channel.reject(answered(number), requeue),
      close: async () => {
        if (!(await this.close())) onStuck();
      },
    });
    return (message) => deliver(subscription, message);
  }

  /** Other subscriptions keep the channel, so what is unanswered at the end has to be given back. */
  #attachBeside(
    subscription: Subscription,
    consumerTag: string,
    onStuck: () => void,
  ): (message: ConsumeMessage) => void {
    const unanswered = new Set<number>();
    subscription.attach({
      ack: (number) => {
        unanswered.delete(number);
        this.#channel.ack(answered(number));
      },
      reject: (number, requeue) => {
        unanswered.delete(number);
        this.#channel.reject(answered(number), requeue);
      },
      close: async () => {
        this.#subscriptions.delete(subscription);
        try {
          await timed(this.#channel.cancel(consumerTag), this.#timeoutMs);
          for (const number of unanswered) this.#channel.reject(answered(number), true);
        } catch {
          // A channel that has ended has given everything back; a broker that is silent keeps it.
          if (!this.#isClosed) onStuck();
        }
      },
    });
    return (message) => {
      unanswered.add(message.fields.deliveryTag);
      deliver(subscription, message);
    };
  }
}

const timed = <T>(work: Promise<T>, timeoutMs: number): Promise<T> =>
  withDeadline(wallClock, work, timeoutMs, () => new Error('no answer from the broker'));

import type { Channel, ChannelModel, Message } from 'amqplib';
import { sleep, wallClock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { OutgoingMessage, PublishOutcome } from '../ports.ts';
import { type PublishBounds, PublishWindow } from '../publish-window.ts';
import { closeChannel } from './rabbitmq-channel.ts';
import type { Link } from './rabbitmq-link.ts';

const REOPEN_DELAY_MS = 50;

/** A message that came back is known by what it is: an id in each would cost every message for the sake of these. */
export const isReturned =
  ({ fields, content }: Message) =>
  ({ exchange, routingKey, body }: OutgoingMessage): boolean =>
    exchange === fields.exchange && routingKey === fields.routingKey && content.equals(Buffer.from(body));

/** Publishes over two channels of one connection: one with the broker's confirms, one without. */
export class Publisher {
  readonly #confirmed: PublishWindow;
  readonly #plain: PublishWindow;
  readonly #channels = new Set<Channel>();
  #blocked = false;
  #closed = false;

  constructor(bounds: PublishBounds) {
    this.#confirmed = new PublishWindow({ clock: wallClock, confirms: true, ...bounds });
    this.#plain = new PublishWindow({ clock: wallClock, confirms: false, ...bounds });
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    return (message.confirm ? this.#confirmed : this.#plain).publish(message);
  }

  /** Goes over to a new connection. */
  async attach(model: ChannelModel, link: Link): Promise<void> {
    const windows = [this.#confirmed, this.#plain];
    this.#blocked = false;
    model.on('blocked', (reason) => {
      this.#blocked = true;
      for (const window of windows) window.pause(`the broker blocks publishing: ${reason}`);
    });
    model.on('unblocked', () => {
      this.#blocked = false;
      for (const window of windows) window.resume();
    });
    await Promise.all([this.#openConfirmed(model, link), this.#openPlain(model, link)]);
  }

  /** Sends what was handed over; what is still without an answer rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    // A channel's close frame stands behind its messages; the connection's own would overtake them.
    await Promise.all([...this.#channels].map(closeChannel));
    this.#confirmed.close();
    this.#plain.close();
  }

  async #openConfirmed(model: ChannelModel, link: Link): Promise<void> {
    const window = this.#confirmed;
    const channel = await model.createConfirmChannel();
    this.#watch(channel, window, () => this.#replace(model, link, () => this.#openConfirmed(model, link)));
    channel.on('ack', ({ deliveryTag, multiple }) => window.settle(deliveryTag, multiple, 'confirmed'));
    channel.on('nack', ({ deliveryTag, multiple }) => window.settle(deliveryTag, multiple, 'refused'));
    channel.on('return', (returned) => window.markUnroutable(isReturned(returned)));
    window.open({
      send: ({ exchange, routingKey, body, persistent }) =>
        channel.publish(exchange, routingKey, Buffer.from(body), { persistent, mandatory: true }),
    });
  }

  async #openPlain(model: ChannelModel, link: Link): Promise<void> {
    const channel = await model.createChannel();
    this.#watch(channel, this.#plain, () => this.#replace(model, link, () => this.#openPlain(model, link)));
    this.#plain.open({
      send: ({ exchange, routingKey, body, persistent }) =>
        channel.publish(exchange, routingKey, Buffer.from(body), { persistent }),
    });
  }

  #watch(channel: Channel, window: PublishWindow, onClosed: () => Promise<void>): void {
    let reason = 'the connection was lost';
    this.#channels.add(channel);
    channel.on('drain', () => {
      if (!this.#blocked) window.resume();
    });
    channel.on('error', (error) => {
      reason = messageOf(error);
    });
    channel.on('close', () => {
      this.#channels.delete(channel);
      window.lose(reason);
      void onClosed();
    });
  }

  /** The broker closed one channel for what was published on it; the connection and its other channel live on. */
  async #replace(model: ChannelModel, link: Link, open: () => Promise<void>): Promise<void> {
    await sleep(wallClock, REOPEN_DELAY_MS);
    if (this.#closed || !link.isCurrent(model)) return;
    try {
      await open();
    } catch {
      if (link.isCurrent(model)) link.reset();
    }
  }
}

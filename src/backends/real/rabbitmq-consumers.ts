import type { ChannelModel } from 'amqplib';
import { sleep, wallClock } from '../../kernel/clock.ts';
import type { Subscription } from '../subscription.ts';
import { ConsumerChannel } from './rabbitmq-consumer-channel.ts';
import type { Link } from './rabbitmq-link.ts';

const RESTART_DELAY_MS = 50;
const NOT_FOUND = 404;

/**
 * The consumers of one connection. Each has a channel of its own, so that `upTo` covers nobody else's deliveries,
 * except those that answer one by one: they share one, as each channel costs the broker and the client as much for a
 * message as the message itself.
 */
export class Consumers {
  readonly #subscriptions = new Set<Subscription>();
  readonly #timeoutMs: number;
  #attached = Promise.resolve();
  #lastShared = Promise.resolve();
  #shared: { readonly model: ChannelModel; readonly channel: ConsumerChannel } | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  async add(subscription: Subscription, link: Link): Promise<void> {
    const model = await link.connected(this.#timeoutMs);
    await this.#start(subscription, model, link);
    if (!subscription.ended) this.#subscriptions.add(subscription);
  }

  delete(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
  }

  /** Goes over to a new connection, or a new channel: starts what has none, once for all who ask at once. */
  attach(model: ChannelModel, link: Link): Promise<void> {
    const attached = this.#attached.then(() => this.#resumeDetached(model, link));
    this.#attached = attached.catch(() => {});
    return attached;
  }

  async close(): Promise<void> {
    // With the channel that they share they give back what they have; one by one, each would take a round trip.
    const closed = this.#shared?.channel.close();
    await Promise.all([closed, ...[...this.#subscriptions].map((subscription) => subscription.cancel())]);
  }

  #start(subscription: Subscription, model: ChannelModel, link: Link): Promise<void> {
    if (!subscription.answersOneByOne)
      return this.#startOn(this.#openChannel(model, link), subscription, link);
    // One after the other: what fails closes the channel, and would take along who waits on it.
    const started = this.#lastShared.then(() =>
      this.#startOn(this.#sharedChannel(model, link), subscription, link),
    );
    this.#lastShared = started.catch(() => {});
    return started;
  }

  async #startOn(opened: Promise<ConsumerChannel>, subscription: Subscription, link: Link): Promise<void> {
    const channel = await opened;
    try {
      // Cancelled before it had a channel: one that is started would have to be cancelled as it is served.
      if (!subscription.ended) await channel.start(subscription, () => link.reset());
      else if (!subscription.answersOneByOne) await channel.close();
    } catch (error) {
      await channel.close();
      throw error;
    }
  }

  #openChannel(model: ChannelModel, link: Link, onClosed = () => {}): Promise<ConsumerChannel> {
    return ConsumerChannel.open(model, {
      timeoutMs: this.#timeoutMs,
      onClosed: () => {
        onClosed();
        void this.#restart(model, link);
      },
    });
  }

  async #sharedChannel(model: ChannelModel, link: Link): Promise<ConsumerChannel> {
    if (this.#shared?.model === model) return this.#shared.channel;
    const channel = await this.#openChannel(model, link, () => {
      if (this.#shared?.channel === channel) this.#shared = undefined;
    });
    this.#shared = { model, channel };
    return channel;
  }

  /** A queue that is not there closes the channel on which it is asked for: what shared it is started once more. */
  async #resumeDetached(model: ChannelModel, link: Link): Promise<void> {
    for (let next = this.#detached(); next !== undefined; next = this.#detached())
      await this.#resumeOne(next, model, link);
  }

  #detached(): Subscription | undefined {
    return [...this.#subscriptions].find((subscription) => !subscription.attached);
  }

  /** A queue that is no longer there ends its subscription. */
  async #resumeOne(subscription: Subscription, model: ChannelModel, link: Link): Promise<void> {
    try {
      await this.#start(subscription, model, link);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) await subscription.cancel();
      else throw error;
    }
  }

  /** The broker closed just this channel. The loss of the whole connection is the link's to repair. */
  async #restart(model: ChannelModel, link: Link): Promise<void> {
    await sleep(wallClock, RESTART_DELAY_MS);
    if (!link.isCurrent(model)) return;
    try {
      await this.attach(model, link);
    } catch {
      if (link.isCurrent(model)) link.reset();
    }
  }
}

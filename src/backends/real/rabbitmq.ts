import type { Channel, ChannelModel } from 'amqplib';
import { wallClock, withDeadline } from '../../kernel/clock.ts';
import { DeclaredTopology } from '../declared-topology.ts';
import type {
  Broker,
  ConsumeOptions,
  Consumer,
  Delivery,
  OutgoingMessage,
  PublishOutcome,
  Topology,
} from '../ports.ts';
import { DEFAULT_PUBLISH_BOUNDS, type PublishBounds } from '../publish-window.ts';
import { Subscription } from '../subscription.ts';
import { closeChannel } from './rabbitmq-channel.ts';
import { Consumers } from './rabbitmq-consumers.ts';
import { parseEndpoint, requestError } from './rabbitmq-endpoint.ts';
import { Link } from './rabbitmq-link.ts';
import { Publisher } from './rabbitmq-publisher.ts';
import { declareTopology } from './rabbitmq-topology.ts';

export interface BrokerOptions extends Partial<PublishBounds> {
  /** `amqp:` or `amqps:`. */
  readonly url: string;
  /** Bound of an attempt to connect, and of every other request. */
  readonly timeoutMs?: number;
  readonly heartbeatS?: number;
  /** An abort ends the opening. */
  readonly signal?: AbortSignal;
}

/** Deletions that are under way at once. */
const REMOVAL_LANES = 16;

const DEFAULTS = { ...DEFAULT_PUBLISH_BOUNDS, timeoutMs: 10_000, heartbeatS: 10 };

/**
 * Connects to RabbitMQ, once: rejects with a BackendError when that fails. Later losses are repaired. Publishing
 * has a connection of its own, because the broker stops reading from publishers when it is short of memory, and
 * acknowledgements must not wait behind that.
 */
export const openBroker = async (options: BrokerOptions): Promise<Broker> => {
  const { signal, url, timeoutMs, heartbeatS, ...bounds } = { ...DEFAULTS, ...options };
  const endpoint = parseEndpoint(url, heartbeatS);
  const declared = new DeclaredTopology();
  const publisher = new Publisher(bounds);
  const consumers = new Consumers(timeoutMs);
  const open = (user: Publisher | Consumers) => {
    const setUp = async (model: ChannelModel, link: Link) => {
      await withChannel(model, (channel) => declareTopology(channel, declared));
      await user.attach(model, link);
    };
    return Link.open({ endpoint, connectTimeoutMs: timeoutMs, setUp }, signal);
  };
  const publishing = await open(publisher);
  try {
    const consuming = await open(consumers);
    return new RealBroker({ publishing, consuming, publisher, consumers, declared, timeoutMs });
  } catch (error) {
    await publishing.close();
    throw error;
  }
};

/** A failed request closes its channel, so each has its own. */
const withChannel = async <T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> => {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    return await work(channel);
  } finally {
    await closeChannel(channel);
  }
};

interface Parts {
  readonly publishing: Link;
  readonly consuming: Link;
  readonly publisher: Publisher;
  readonly consumers: Consumers;
  readonly declared: DeclaredTopology;
  readonly timeoutMs: number;
}

class RealBroker implements Broker {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async declare(topology: Topology): Promise<void> {
    await this.#request('declare queues', (channel) => declareTopology(channel, topology));
    this.#parts.declared.add(topology);
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    return this.#parts.publisher.publish(message);
  }

  async consume(
    queue: string,
    options: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer> {
    const { consumers, consuming } = this.#parts;
    const subscription = new Subscription(queue, options, onDelivery, (self) => consumers.delete(self));
    try {
      await consumers.add(subscription, consuming);
    } catch (error) {
      throw requestError(`consume from ${queue}`, error);
    }
    subscription.release(wallClock);
    return subscription;
  }

  async depth(queue: string): Promise<number> {
    const { messageCount } = await this.#request(`read the depth of ${queue}`, (channel) =>
      channel.checkQueue(queue),
    );
    return messageCount;
  }

  /** Each deletion has a time-out of its own: a broker that is far away is asked for many. */
  async remove(names: {
    readonly exchanges: readonly string[];
    readonly queues: readonly string[];
  }): Promise<void> {
    this.#parts.declared.remove(names);
    const deletions = [
      ...names.queues.map((name) => ({ name, work: (channel: Channel) => channel.deleteQueue(name) })),
      ...names.exchanges.map((name) => ({ name, work: (channel: Channel) => channel.deleteExchange(name) })),
    ].values();
    const lane = async () => {
      for (const { name, work } of deletions) await this.#request<unknown>(`remove ${name}`, work);
    };
    const lanes = await Promise.allSettled(Array.from({ length: REMOVAL_LANES }, lane));
    const failed = lanes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async close(): Promise<void> {
    const { publisher, consumers, publishing, consuming } = this.#parts;
    await Promise.all([publisher.close(), consumers.close()]);
    await Promise.all([publishing.close(), consuming.close()]);
  }

  async #request<T>(what: string, work: (channel: Channel) => Promise<T>): Promise<T> {
    const { consuming, timeoutMs } = this.#parts;
    try {
      const model = await consuming.connected(timeoutMs);
      return await withDeadline(wallClock, withChannel(model, work), timeoutMs, () => new Error('no answer'));
    } catch (error) {
      throw requestError(what, error);
    }
  }
}

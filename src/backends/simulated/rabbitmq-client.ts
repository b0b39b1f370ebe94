import type { Cancel, Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import { Availability } from '../availability.ts';
import { DeclaredTopology } from '../declared-topology.ts';
import {
  BackendError,
  type Broker,
  type ConsumeOptions,
  type Consumer,
  type Delivery,
  type OutgoingMessage,
  type PublishOutcome,
  type Topology,
} from '../ports.ts';
import { DEFAULT_PUBLISH_BOUNDS, PublishWindow } from '../publish-window.ts';
import { Subscription } from '../subscription.ts';
import type { BrokerModel } from './rabbitmq-model.ts';
import type { Session } from './rabbitmq-session.ts';

const REQUEST_TIMEOUT_MS = 10_000;
/** As the real client waits before it connects again. */
const MAX_RECONNECT_DELAY_MS = 50;

interface SimulatedBrokerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly connect: () => Session;
  readonly onClosed: () => void;
}

/** A client of the simulated broker, which keeps the promises of the real one. */
export class SimulatedBroker implements Broker {
  readonly #options: SimulatedBrokerOptions;
  readonly #confirmed: PublishWindow;
  readonly #plain: PublishWindow;
  readonly #declared = new DeclaredTopology();
  readonly #subscriptions = new Set<Subscription>();
  readonly #availability: Availability<Session>;
  #session: Session;
  #reconnect: Cancel | undefined;

  constructor(options: SimulatedBrokerOptions) {
    const { clock, connect } = options;
    this.#options = options;
    this.#confirmed = new PublishWindow({ clock, confirms: true, ...DEFAULT_PUBLISH_BOUNDS });
    this.#plain = new PublishWindow({ clock, confirms: false, ...DEFAULT_PUBLISH_BOUNDS });
    this.#availability = new Availability<Session>(
      clock,
      (reason) => new BackendError('rabbitmq', 'none', `simulated broker: ${reason}`),
    );
    this.#session = connect();
    this.#use(this.#session);
  }

  async declare(topology: Topology): Promise<void> {
    await this.#request((model) => model.declare(topology));
    this.#declared.add(topology);
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    return (message.confirm ? this.#confirmed : this.#plain).publish(message);
  }

  async consume(
    queue: string,
    options: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer> {
    const subscription = new Subscription(queue, options, onDelivery, (self) =>
      this.#subscriptions.delete(self),
    );
    const session = await this.#availability.wait(REQUEST_TIMEOUT_MS);
    await this.#start(session, subscription);
    this.#subscriptions.add(subscription);
    subscription.release(this.#options.clock);
    return subscription;
  }

  depth(queue: string): Promise<number> {
    return this.#request((model) => model.queue(queue).depth);
  }

  async remove(names: {
    readonly exchanges: readonly string[];
    readonly queues: readonly string[];
  }): Promise<void> {
    this.#declared.remove(names);
    await this.#request((model) => model.remove(names));
  }

  async close(): Promise<void> {
    this.#reconnect?.();
    this.#availability.close();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.cancel()));
    // Behind everything that was sent before, so that it arrives.
    await this.#session.request(() => {}).catch(() => {});
    this.#session.cut();
    this.#confirmed.close();
    this.#plain.close();
    this.#options.onClosed();
  }

  /** Cuts the connection; the client connects again by itself, once the broker may be reached again. */
  lose(downMs: number): void {
    const { clock, random } = this.#options;
    this.#availability.down();
    this.#session.cut();
    for (const window of [this.#confirmed, this.#plain]) window.lose('the connection was lost');
    for (const subscription of this.#subscriptions) subscription.detach();
    this.#reconnect?.();
    const delayMs = downMs + (MAX_RECONNECT_DELAY_MS * (1 + random.next())) / 2;
    this.#reconnect = clock.schedule(delayMs, () => void this.#resume());
  }

  async #request<T>(work: (model: BrokerModel) => T): Promise<T> {
    const session = await this.#availability.wait(REQUEST_TIMEOUT_MS);
    return session.request(work);
  }

  #use(session: Session): void {
    session.openPublisher(this.#confirmed);
    session.openPublisher(this.#plain);
    this.#availability.up(session);
  }

  #start(session: Session, subscription: Subscription): Promise<void> {
    return session.consume(subscription, () => void this.#restart(session, subscription));
  }

  async #restart(session: Session, subscription: Subscription): Promise<void> {
    if (subscription.ended) return;
    try {
      await this.#start(session, subscription);
      // It was cancelled before it had a channel.
      if (subscription.ended) await subscription.cancel();
    } catch (error) {
      // The queue has gone; a lost connection, in contrast, brings everything back when it returns.
      if (error instanceof BackendError && error.effect === 'none') await subscription.cancel();
    }
  }

  async #resume(): Promise<void> {
    const session = this.#options.connect();
    this.#session = session;
    try {
      await session.request((model) => model.declare(this.#declared));
      for (const subscription of this.#subscriptions) await this.#restart(session, subscription);
    } catch {
      // Cut again before it was ready: the next connection is on its way.
      return;
    }
    if (this.#session === session) this.#use(session);
  }
}

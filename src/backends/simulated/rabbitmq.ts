import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import type { Broker } from '../ports.ts';
import { SimulatedBroker } from './rabbitmq-client.ts';
import { BrokerModel } from './rabbitmq-model.ts';
import { Session } from './rabbitmq-session.ts';
import type { Latency } from './rabbitmq-wire.ts';

interface SimulatedBrokerServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** One way, in milliseconds. Without it everything arrives in the next turn of the loop. */
  readonly latency?: Latency;
}

/** RabbitMQ in memory: what the Broker port can see of it, on the injected clock. */
export class SimulatedBrokerServer {
  readonly #options: SimulatedBrokerServerOptions;
  readonly #model: BrokerModel;
  readonly #brokers = new Set<Broker>();

  constructor(options: SimulatedBrokerServerOptions) {
    this.#options = options;
    this.#model = new BrokerModel(options.clock);
  }

  connect(): Broker {
    const { clock, random, latency } = this.#options;
    const broker = new SimulatedBroker({
      clock,
      random,
      connect: () => new Session(this.#model, clock, latency),
      onClosed: () => {
        this.#brokers.delete(broker);
        if (this.#brokers.size === 0) this.#model.suspend();
      },
    });
    this.#brokers.add(broker);
    this.#model.resume();
    return broker;
  }

  /** Cuts a client's connection, and refuses it another for `downMs`. The client connects again by itself. */
  cut(broker: Broker, downMs = 0): void {
    assert(broker instanceof SimulatedBroker && this.#brokers.has(broker), 'a connection to cut is open');
    broker.lose(downMs);
  }
}

import type { Clock } from '../../kernel/clock.ts';
import { BackendError, type OutgoingMessage } from '../ports.ts';
import type { PublishWindow } from '../publish-window.ts';
import type { Subscription } from '../subscription.ts';
import { SimulatedConsumer } from './rabbitmq-consumer.ts';
import type { BrokerModel } from './rabbitmq-model.ts';
import { type Latency, Wire } from './rabbitmq-wire.ts';

/** One connection to the simulated broker, from its opening until it is cut. */
export class Session {
  readonly #model: BrokerModel;
  readonly #up: Wire;
  readonly #down: Wire;
  readonly #consumers = new Set<SimulatedConsumer>();
  /** Rejections of the requests that wait for an answer. */
  readonly #requests = new Set<(error: BackendError) => void>();
  #cut = false;

  constructor(model: BrokerModel, clock: Clock, latency: Latency | undefined) {
    this.#model = model;
    this.#up = new Wire(clock, latency);
    this.#down = new Wire(clock, latency);
  }

  /** Does `work` on the broker, and brings back what it returns or throws. */
  request<T>(work: (model: BrokerModel) => T): Promise<T> {
    if (this.#cut) return Promise.reject(new BackendError('rabbitmq', 'none', 'the connection was lost'));
    return new Promise((resolve, reject) => {
      this.#requests.add(reject);
      const answer = (settle: () => void) =>
        this.#down.send(() => {
          this.#requests.delete(reject);
          settle();
        });
      this.#up.send(() => {
        try {
          const result = work(this.#model);
          answer(() => resolve(result));
        } catch (error) {
          answer(() => reject(error));
        }
      });
    });
  }

  /** Opens a channel for a window of messages. The broker closes it for a publish to an exchange it has not. */
  openPublisher(window: PublishWindow): void {
    let open = true;
    const lose = (exchange: string) => {
      window.lose(`no exchange ${exchange}`);
      this.openPublisher(window);
    };
    const onArrival = (message: OutgoingMessage, number: number) => {
      if (!open) return;
      const outcome = this.#model.publish(message);
      if (outcome === 'no-exchange') {
        open = false;
        this.#down.send(() => lose(message.exchange));
      } else if (message.confirm) {
        this.#down.send(() => {
          if (outcome === 'unroutable') window.markUnroutable((sent) => sent === message);
          window.settle(number, false, outcome === 'refused' ? 'refused' : 'confirmed');
        });
      }
    };
    window.open({
      send: (message, number) => {
        this.#up.send(() => onArrival(message, number));
        return true;
      },
    });
  }

  /** Starts a subscription; `restart` is called when the broker has closed its channel. */
  consume(subscription: Subscription, restart: () => void): Promise<void> {
    return this.request((model) => {
      const consumer = new SimulatedConsumer(model.queue(subscription.queue), subscription.prefetch, {
        delivery: (number, { body, returns }) =>
          this.#down.send(() => subscription.deliver(number, body, returns > 0)),
        ended: () => this.#down.send(() => void subscription.cancel()),
        failed: () =>
          this.#down.send(() => {
            subscription.detach();
            restart();
          }),
      });
      this.#consumers.add(consumer);
      this.#down.send(() => subscription.attach(this.#deliveryChannel(consumer)));
      model.queue(subscription.queue).attach(consumer);
    });
  }

  /** Ends the connection: what is on its way is lost, and what consumers have not answered goes back. */
  cut(): void {
    this.#cut = true;
    this.#up.cut();
    this.#down.cut();
    for (const consumer of this.#consumers) consumer.close();
    for (const reject of this.#requests) {
      reject(new BackendError('rabbitmq', 'unknown', 'no answer to a request: the connection was lost'));
    }
  }

  #deliveryChannel(consumer: SimulatedConsumer) {
    return {
      ack: (number: number, upTo: boolean) => this.#up.send(() => consumer.ack(number, upTo)),
      reject: (number: number, requeue: boolean) => this.#up.send(() => consumer.reject(number, requeue)),
      close: async () => {
        this.#consumers.delete(consumer);
        // The end of the connection ends the consumer as well.
        await this.request(() => consumer.close()).catch(() => {});
      },
    };
  }
}

import type { Clock } from '../../kernel/clock.ts';
import { BackendError, type OutgoingMessage, type QueueSpec, type Topology } from '../ports.ts';
import { SimulatedQueue } from './rabbitmq-queue.ts';
import { type ExchangeType, SimulatedExchange } from './rabbitmq-routing.ts';

/** `refused`: not every queue has it. */
type Published = 'routed' | 'refused' | 'unroutable' | 'no-exchange';

const refuse = (why: string): never => {
  throw new BackendError('rabbitmq', 'none', why);
};

const checkSpec = ({ name, type, durable, autoDelete, deliveryLimit }: QueueSpec): void => {
  if (type === 'quorum' && !durable) refuse(`a quorum queue is always durable: ${name}`);
  if (type === 'quorum' && autoDelete === true) refuse(`a quorum queue outlives its consumers: ${name}`);
  if (type === 'classic' && deliveryLimit !== undefined)
    refuse(`a classic queue has no delivery limit: ${name}`);
};

const isSame = (a: QueueSpec, b: QueueSpec): boolean => {
  const names = Object.keys({ ...a, ...b }) as (keyof QueueSpec)[];
  return names.every((name) => a[name] === b[name]);
};

/** What the broker holds: exchanges, queues and their messages, without connections. */
export class BrokerModel {
  readonly #clock: Clock;
  readonly #exchanges = new Map<string, SimulatedExchange>();
  readonly #queues = new Map<string, SimulatedQueue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  declare(topology: Topology): void {
    for (const { name, type } of topology.exchanges) this.#declareExchange(name, type);
    for (const spec of topology.queues) this.#declareQueue(spec);
    for (const { queue, exchange, pattern } of topology.bindings) {
      this.queue(queue);
      const source = this.#exchanges.get(exchange) ?? refuse(`no exchange ${exchange}`);
      source.bind(queue, pattern);
    }
  }

  remove(names: { readonly exchanges: readonly string[]; readonly queues: readonly string[] }): void {
    for (const name of names.queues) this.#deleteQueue(name);
    for (const name of names.exchanges) this.#exchanges.delete(name);
  }

  /** The queue of this name; refuses when there is none. */
  queue(name: string): SimulatedQueue {
    return this.#find(name) ?? refuse(`no queue ${name}`);
  }

  publish({ exchange, routingKey, body }: OutgoingMessage): Published {
    const names = exchange === '' ? [routingKey] : this.#exchanges.get(exchange)?.route(routingKey);
    if (names === undefined) return 'no-exchange';
    const queues = names.flatMap((name) => this.#find(name) ?? []);
    if (queues.length === 0) return 'unroutable';
    const taken = queues.map((queue) => queue.enqueue(body));
    return taken.includes(false) ? 'refused' : 'routed';
  }

  /** Stops the timers, as long as nobody is connected who could see what they do. */
  suspend(): void {
    for (const queue of this.#queues.values()) queue.suspend();
  }

  resume(): void {
    for (const queue of this.#queues.values()) queue.pump();
  }

  #declareExchange(name: string, type: ExchangeType): void {
    const present = this.#exchanges.get(name);
    if (present === undefined) this.#exchanges.set(name, new SimulatedExchange(type));
    else if (present.type !== type) refuse(`exchange ${name} exists with the type ${present.type}`);
  }

  #declareQueue(spec: QueueSpec): void {
    checkSpec(spec);
    const present = this.#find(spec.name);
    if (present !== undefined) {
      if (!isSame(present.spec, spec)) refuse(`queue ${spec.name} exists with other properties`);
      present.touch();
      return;
    }
    const queue = new SimulatedQueue(spec, this.#clock, (target, body, deaths) =>
      this.#find(target)?.enqueue(body, deaths),
    );
    this.#queues.set(spec.name, queue);
  }

  #find(name: string): SimulatedQueue | undefined {
    const queue = this.#queues.get(name);
    if (queue?.expired !== true) return queue;
    this.#deleteQueue(name);
    return undefined;
  }

  #deleteQueue(name: string): void {
    this.#queues.get(name)?.delete();
    this.#queues.delete(name);
    for (const exchange of this.#exchanges.values()) exchange.unbind(name);
  }
}

import type { Topology } from './ports.ts';

type Exchange = Topology['exchanges'][number];
type Queue = Topology['queues'][number];
type Binding = Topology['bindings'][number];

/** What a client has declared and not removed: what it declares again on a new connection. */
export class DeclaredTopology implements Topology {
  readonly #exchanges = new Map<string, Exchange>();
  readonly #queues = new Map<string, Queue>();
  readonly #bindings = new Map<string, Binding>();

  get exchanges(): readonly Exchange[] {
    return [...this.#exchanges.values()];
  }

  get queues(): readonly Queue[] {
    return [...this.#queues.values()];
  }

  get bindings(): readonly Binding[] {
    return [...this.#bindings.values()];
  }

  add(topology: Topology): void {
    for (const exchange of topology.exchanges) this.#exchanges.set(exchange.name, exchange);
    for (const queue of topology.queues) this.#queues.set(queue.name, queue);
    for (const binding of topology.bindings) {
      this.#bindings.set(JSON.stringify([binding.queue, binding.exchange, binding.pattern]), binding);
    }
  }

  remove(names: { readonly exchanges: readonly string[]; readonly queues: readonly string[] }): void {
    for (const name of names.exchanges) this.#exchanges.delete(name);
    for (const name of names.queues) this.#queues.delete(name);
    for (const [key, { queue, exchange }] of this.#bindings) {
      if (names.queues.includes(queue) || names.exchanges.includes(exchange)) this.#bindings.delete(key);
    }
  }
}

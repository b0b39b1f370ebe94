import type { Wire } from './connection.ts';
import type { RedisServer } from './server.ts';

type Listener = (message: string) => void;

interface Channel {
  readonly listeners: Set<Listener>;
  /** Known to the server: a client counts as one subscriber, however many listeners it has. */
  readonly subscriber: Listener;
}

/** The channels that a client listens to, over a connection of their own. */
export class Subscriptions {
  readonly #server: RedisServer;
  readonly #wire: Wire;
  readonly #channels = new Map<string, Channel>();

  constructor(server: RedisServer, wire: Wire) {
    this.#server = server;
    this.#wire = wire;
  }

  /** Resolves when the server knows of it. */
  async add(name: string, onMessage: Listener): Promise<() => Promise<void>> {
    const listener: Listener = (message) => onMessage(message);
    const channel = this.#channels.get(name) ?? this.#open(name);
    channel.listeners.add(listener);
    await this.#roundTrip(() => this.#server.subscribe(name, channel.subscriber));
    return async () => {
      channel.listeners.delete(listener);
      if (channel.listeners.size > 0 || this.#channels.get(name) !== channel) return;
      this.#channels.delete(name);
      await this.#roundTrip(() => this.#server.unsubscribe(name, channel.subscriber));
    };
  }

  close(): void {
    for (const [name, { listeners, subscriber }] of this.#channels) {
      listeners.clear();
      this.#wire.toServer(() => this.#server.unsubscribe(name, subscriber));
    }
    this.#channels.clear();
  }

  #open(name: string): Channel {
    const listeners = new Set<Listener>();
    const subscriber: Listener = (message) =>
      this.#wire.toClient(() => {
        for (const listener of listeners) listener(message);
      });
    const channel = { listeners, subscriber };
    this.#channels.set(name, channel);
    return channel;
  }

  #roundTrip(atServer: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wire.toServer(() => {
        atServer();
        this.#wire.toClient(resolve);
      });
    });
  }
}

import type { RedisConnection } from './redis-connection.ts';

type Listener = (message: string) => void;

/** The channels that one connection listens to, taken up again after it was lost. */
export class RedisSubscriber {
  readonly #connection: RedisConnection;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    connection.client.on('message', (channel: string, message: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener(message);
    });
    connection.client.on('ready', () => {
      for (const channel of this.#listeners.keys())
        this.#subscribe(channel).catch(() => connection.reconnect());
    });
  }

  async add(channel: string, onMessage: Listener): Promise<() => Promise<void>> {
    const listener: Listener = (message) => onMessage(message);
    const present = this.#listeners.get(channel);
    if (present === undefined) this.#listeners.set(channel, new Set([listener]));
    else present.add(listener);
    try {
      // Asked for by every listener: none of them then depends on the answer to another.
      await this.#subscribe(channel);
    } catch (error) {
      this.#forget(channel, listener);
      throw error;
    }
    return async () => {
      if (this.#forget(channel, listener) && this.#connection.ready) {
        await this.#connection.send('unsubscribe', [channel], 'UNSUBSCRIBE');
      }
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#connection.drop();
  }

  async #subscribe(channel: string): Promise<void> {
    // In lower case: the client files the channel under the command's name as it was written.
    await this.#connection.send('subscribe', [channel], 'SUBSCRIBE');
  }

  /** Says whether it was the channel's last listener. */
  #forget(channel: string, listener: Listener): boolean {
    const listeners = this.#listeners.get(channel);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return false;
    return this.#listeners.delete(channel);
  }
}

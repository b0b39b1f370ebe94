import type { KeyTracking } from '../ports.ts';
import type { RedisConnection } from './redis-connection.ts';

const CHANNEL = '__redis__:invalidate';

/**
 * Hears of changes to keys over a connection of its own, which redirects the server's invalidation messages to
 * itself (https://redis.io/docs/latest/develop/reference/client-side-caching/). Taken up again after it was lost.
 */
export class RedisTracker implements KeyTracking {
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  readonly #onChange: (key: string | undefined) => void;
  #active = false;
  #stopped = false;

  constructor(connection: RedisConnection, prefix: string, onChange: (key: string | undefined) => void) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#onChange = onChange;
    const { client } = connection;
    // Not the event for text: the server sends a list of keys where other messages have a text.
    client.on('messageBuffer', (_channel: Buffer, keys: readonly Buffer[] | null) => this.#hear(keys));
    client.on('close', () => this.#lose());
    client.on('ready', () => {
      this.start().catch(() => connection.reconnect());
    });
  }

  get active(): boolean {
    return this.#active;
  }

  /** Resolves when changes are heard of. */
  async start(): Promise<void> {
    const connection = this.#connection;
    const id = Number(await connection.send('CLIENT', ['ID'], 'CLIENT ID'));
    const words = ['TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', this.#prefix];
    await Promise.all([
      connection.send('CLIENT', words, 'CLIENT TRACKING'),
      // In lower case: the client files the channel under the command's name as it was written.
      connection.send('subscribe', [CHANNEL], 'SUBSCRIBE'),
    ]);
    if (this.#stopped || !connection.ready) return;
    this.#active = true;
    this.#onChange(undefined);
  }

  stop(): void {
    this.#stopped = true;
    this.#active = false;
    this.#connection.drop();
  }

  /** `null`: the database was flushed. */
  #hear(keys: readonly Buffer[] | null): void {
    if (this.#stopped) return;
    if (keys === null) this.#onChange(undefined);
    else for (const key of keys) this.#onChange(key.toString());
  }

  #lose(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#onChange(undefined);
  }
}

import type { KeyTracking } from '../../ports.ts';
import type { Wire } from './connection.ts';
import type { RedisServer } from './server.ts';

/** What a client is told of changes to keys, over a connection of their own. */
export class Trackings {
  readonly #server: RedisServer;
  readonly #wire: Wire;
  readonly #open = new Set<KeyTracking>();

  constructor(server: RedisServer, wire: Wire) {
    this.#server = server;
    this.#wire = wire;
  }

  /** Resolves when the server knows of it. */
  async add(prefix: string, onChange: (key: string | undefined) => void): Promise<KeyTracking> {
    let active = true;
    const tracker = {
      prefix,
      changed: (key: string) =>
        this.#wire.toClient(() => {
          if (active) onChange(key);
        }),
    };
    const tracking: KeyTracking = {
      get active() {
        return active;
      },
      stop: () => {
        active = false;
        this.#open.delete(tracking);
        this.#wire.toServer(() => this.#server.untrack(tracker));
      },
    };
    this.#open.add(tracking);
    await new Promise<void>((resolve) => {
      this.#wire.toServer(() => {
        this.#server.track(tracker);
        this.#wire.toClient(resolve);
      });
    });
    if (active) onChange(undefined);
    return tracking;
  }

  close(): void {
    for (const tracking of this.#open) tracking.stop();
  }
}

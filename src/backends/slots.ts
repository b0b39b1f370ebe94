import type { Cancel, Clock } from '../kernel/clock.ts';
import { BackendError, type ServiceName } from './ports.ts';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: BackendError) => void;
  readonly cancel: Cancel;
}

/** The connections of a pool as permits: first come, first served, with bounds on how many wait and for how long. */
export class Slots {
  readonly #service: ServiceName;
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  readonly #waitMs: number;
  readonly #waiting = new Set<Waiter>();
  #free: number;
  #closed = false;

  constructor(
    service: ServiceName,
    clock: Clock,
    bounds: { readonly size: number; readonly maxWaiting: number; readonly waitMs: number },
  ) {
    this.#service = service;
    this.#clock = clock;
    this.#free = bounds.size;
    this.#maxWaiting = bounds.maxWaiting;
    this.#waitMs = bounds.waitMs;
  }

  /** Rejects with a BackendError when none comes free in time, when too many wait already, or after `close`. */
  acquire(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#refusal('the connection is closed'));
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    if (this.#waiting.size >= this.#maxWaiting) {
      return Promise.reject(this.#refusal(`${this.#maxWaiting} requests wait for a connection already`));
    }
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(this.#waitMs, () => {
        this.#waiting.delete(waiter);
        reject(this.#refusal(`no connection of the pool came free within ${this.#waitMs} ms`));
      });
      const waiter: Waiter = { resolve, reject, cancel };
      this.#waiting.add(waiter);
    });
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next.cancel();
    next.resolve();
  }

  /** Turns away whoever waits, and all who come later. */
  close(): void {
    this.#closed = true;
    for (const { cancel, reject } of this.#waiting) {
      cancel();
      reject(this.#refusal('the connection was closed'));
    }
    this.#waiting.clear();
  }

  #refusal(message: string): BackendError {
    return new BackendError(this.#service, 'none', message);
  }
}

import type { Clock } from '../../kernel/clock.ts';

export interface TurnRequest {
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  /** Gives the turn to this waiter. */
  readonly wake: () => void;
  left: boolean;
}

/**
 * A first-come, first-served queue per key within one node. Only the task at its head contends for the shared
 * lock: a node's tasks neither race each other nor starve, and the store sees one contender per node, not hundreds.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #queues = new Map<string, Waiter[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for this task's turn. `false`: it did not come in time, or the signal ended the wait. */
  enter(key: string, { waitMs, signal }: TurnRequest): Promise<boolean> {
    const queue = this.#queues.get(key);
    if (queue === undefined) {
      this.#queues.set(key, []);
      return Promise.resolve(true);
    }
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (entered: boolean) => {
        cancel();
        signal?.removeEventListener('abort', giveUp);
        waiter.left = true;
        resolve(entered);
      };
      const giveUp = () => settle(false);
      const waiter: Waiter = { wake: () => settle(true), left: false };
      queue.push(waiter);
      const cancel = this.#clock.schedule(waitMs, giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Ends the turn: the next waiter that is still there has it. */
  leave(key: string): void {
    const queue = this.#queues.get(key);
    let next = queue?.shift();
    while (next?.left === true) next = queue?.shift();
    if (next) next.wake();
    else this.#queues.delete(key);
  }
}

import type { Clock } from '../../kernel/clock.ts';

export interface TurnRequest {
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Those who have their turn, and those who wait for it. */
interface Line {
  inside: number;
  readonly waiting: Waiter[];
}

interface Waiter {
  /** Gives the turn to this waiter. */
  readonly wake: () => void;
  left: boolean;
}

/**
 * A first-come, first-served queue per key within one node. Only the task at its head contends for the shared
 * lock: a node's tasks neither race each other nor starve, and the store sees one contender per node, not hundreds.
 * `width` tasks have their turn at once.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #width: number;
  readonly #lines = new Map<string, Line>();

  constructor(clock: Clock, width = 1) {
    this.#clock = clock;
    this.#width = width;
  }

  /** Waits for this task's turn. `false`: it did not come in time, or the signal ended the wait. */
  enter(key: string, { waitMs, signal }: TurnRequest): Promise<boolean> {
    const line = this.#lineOf(key);
    if (line.inside < this.#width) {
      line.inside += 1;
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
      line.waiting.push(waiter);
      const cancel = this.#clock.schedule(waitMs, giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Ends the turn: the next waiter that is still there has it. */
  leave(key: string): void {
    const line = this.#lineOf(key);
    let next = line.waiting.shift();
    while (next?.left === true) next = line.waiting.shift();
    if (next) {
      next.wake();
      return;
    }
    line.inside -= 1;
    if (line.inside <= 0) this.#lines.delete(key);
  }

  #lineOf(key: string): Line {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { inside: 0, waiting: [] };
      this.#lines.set(key, line);
    }
    return line;
  }
}

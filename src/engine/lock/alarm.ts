import type { Cancel, Clock } from '../../kernel/clock.ts';

/**
 * Rings at the earliest of the times it was set for. What came to nothing meanwhile is not taken back: whoever sets it
 * for every lock, and is done long before it rings, has a timer now and then instead of one for each.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #dueMs = Infinity;
  #cancel: Cancel = () => {};

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** On the clock; Infinity: never. */
  setFor(dueMs: number): void {
    if (dueMs >= this.#dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    this.#cancel = this.#clock.schedule(Math.max(0, dueMs - this.#clock.now()), () => {
      this.#dueMs = Infinity;
      this.#ring();
    });
  }
}

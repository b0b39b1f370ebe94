import type { Clock } from '../../../kernel/clock.ts';

/** One direction of a connection: what enters it comes out later, in the same order. */
export class Link {
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  readonly #underway: (() => void)[] = [];
  #lastArrivalMs = 0;

  constructor(clock: Clock, latencyMs: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  carry(deliver: () => void): void {
    const nowMs = this.#clock.now();
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, nowMs + this.#latencyMs());
    this.#underway.push(deliver);
    // An arrival delivers what entered first, whatever rounding does to two arrivals at one time.
    this.#clock.schedule(this.#lastArrivalMs - nowMs, () => this.#underway.shift()?.());
  }
}

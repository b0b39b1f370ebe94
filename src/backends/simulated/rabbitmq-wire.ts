import type { Cancel, Clock } from '../../kernel/clock.ts';
import { Deque } from '../../kernel/deque.ts';

/** Milliseconds that a packet takes one way. */
export type Latency = () => number;

/**
 * One direction of a connection: what is sent arrives later, in order. What is sent in one turn arrives in one
 * turn, so that a burst costs one scheduled event. Without a latency everything arrives in the next turn.
 */
export class Wire {
  readonly #clock: Clock;
  readonly #latency: Latency | undefined;
  readonly #events = new Deque<() => void>();
  /** When each of the events arrives; unused without a latency. */
  readonly #arrivals = new Deque<number>();
  #sentMs = Number.NaN;
  #arrivalMs = 0;
  #armed: Cancel | undefined;
  #cut = false;

  constructor(clock: Clock, latency: Latency | undefined) {
    this.#clock = clock;
    this.#latency = latency;
  }

  send(onArrival: () => void): void {
    if (this.#cut) return;
    this.#events.push(onArrival);
    if (this.#latency !== undefined) this.#arrivals.push(this.#nextArrivalMs(this.#latency));
    if (this.#armed === undefined) this.#arm();
  }

  /** What is on its way is lost. */
  cut(): void {
    this.#cut = true;
    this.#events.clear();
    this.#arrivals.clear();
    this.#armed?.();
  }

  #nextArrivalMs(latency: Latency): number {
    const nowMs = this.#clock.now();
    if (nowMs !== this.#sentMs) {
      this.#sentMs = nowMs;
      // A later packet never overtakes an earlier one.
      this.#arrivalMs = Math.max(this.#arrivalMs, nowMs + latency());
    }
    return this.#arrivalMs;
  }

  #arm(): void {
    const arrivalMs = this.#arrivals.first();
    const delayMs = arrivalMs === undefined ? 0 : Math.max(0, arrivalMs - this.#clock.now());
    this.#armed = this.#clock.schedule(delayMs, () => this.#deliver());
  }

  #deliver(): void {
    // The first has arrived by now, whatever a rounded sum of times says.
    const nowMs = Math.max(this.#arrivals.first() ?? 0, this.#clock.now());
    try {
      for (let left = this.#events.length; left > 0 && !this.#cut; left -= 1) {
        const arrivalMs = this.#arrivals.first();
        if (arrivalMs !== undefined && arrivalMs > nowMs) break;
        this.#arrivals.shift();
        this.#events.shift()!();
      }
    } finally {
      this.#armed = undefined;
      if (this.#events.length > 0) this.#arm();
    }
  }
}

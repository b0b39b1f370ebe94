import type { Clock } from '../../../kernel/clock.ts';

/**
 * The way to the server and back. Without latency, the requests of one turn arrive together in a later one and
 * the answers come at once; with it, each direction takes its time.
 */
export class Wire {
  readonly #clock: Clock;
  readonly #latencyMs: (() => number) | undefined;
  #arriving: (() => void)[] = [];

  constructor(clock: Clock, latencyMs?: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  request(onArrival: () => void): void {
    const delayMs = this.#latencyMs?.() ?? 0;
    if (delayMs > 0) {
      this.#clock.schedule(delayMs, onArrival);
      return;
    }
    this.#arriving.push(onArrival);
    if (this.#arriving.length === 1) this.#clock.schedule(0, () => this.#deliver());
  }

  answer(onArrival: () => void): void {
    const delayMs = this.#latencyMs?.() ?? 0;
    if (delayMs > 0) this.#clock.schedule(delayMs, onArrival);
    else onArrival();
  }

  #deliver(): void {
    const arrived = this.#arriving;
    this.#arriving = [];
    for (const onArrival of arrived) onArrival();
  }
}

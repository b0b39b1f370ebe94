import type { Counter, Telemetry } from '../engine/telemetry.ts';

/** Counts what a node reports, and tells when a count is reached. */
export class Tally implements Telemetry {
  readonly #counts = new Map<Counter, number>();
  #peak = 0;
  #waiting: { readonly counter: Counter; readonly count: number; readonly resolve: () => void }[] = [];

  get peakLoads(): number {
    return this.#peak;
  }

  of(counter: Counter): number {
    return this.#counts.get(counter) ?? 0;
  }

  /** Resolves once `counter` is at least `count`. */
  async reached(counter: Counter, count: number): Promise<void> {
    if (this.of(counter) >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ counter, count, resolve }));
  }

  record(): void {}

  count(counter: Counter, by = 1): void {
    this.#counts.set(counter, this.of(counter) + by);
    const due = this.#waiting.filter((waiter) => this.of(waiter.counter) >= waiter.count);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => !due.includes(waiter));
    for (const { resolve } of due) resolve();
  }

  peak(_gauge: 'cache.concurrent-loads', value: number): void {
    this.#peak = Math.max(this.#peak, value);
  }
}

import { performance, PerformanceObserver } from 'node:perf_hooks';
import type { EventLoopUtilization } from 'node:perf_hooks';

/** What a thread that generates load measures of itself, as durations in µs. */
export const GENERATOR_METRICS = [
  /** How late something that became due at any moment would have been noticed. */
  'generator.loop-delay',
  'generator.gc-pause',
] as const;

/** In µs of this thread: their ratio is the share of time that the event loop was busy. */
export const GENERATOR_COUNTERS = ['generator.busy', 'generator.elapsed'] as const;

interface Sink {
  record(metric: (typeof GENERATOR_METRICS)[number], micros: number): void;
  count(counter: (typeof GENERATOR_COUNTERS)[number], by: number): void;
}

/** Coarse enough to cost nothing: a hundred samples a second. */
const PERIOD_MS = 10;
/** A timer of Node fires at a whole millisecond, and so up to this late without any fault. */
const TIMER_GRAIN_MS = 1;
const US_PER_MS = 1_000;

/** Watches the thread it lives in, from `start()` to `stop()`; another `start()` begins anew. */
export class SaturationMonitor {
  readonly #sink: Sink;
  readonly #collections = new PerformanceObserver((list) => this.#recordPauses(list.getEntries()));
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #counted: EventLoopUtilization | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  start(): void {
    this.#halt();
    this.#counted = performance.eventLoopUtilization();
    this.#collections.observe({ entryTypes: ['gc'] });
    this.#schedule();
  }

  /** Counts the time since the last count. */
  sample(): void {
    if (this.#counted === undefined) return;
    const now = performance.eventLoopUtilization();
    const { active, idle } = performance.eventLoopUtilization(now, this.#counted);
    this.#counted = now;
    this.#sink.count('generator.busy', Math.round(active * US_PER_MS));
    this.#sink.count('generator.elapsed', Math.round((active + idle) * US_PER_MS));
  }

  stop(): void {
    this.sample();
    this.#recordPauses(this.#collections.takeRecords());
    this.#halt();
  }

  #halt(): void {
    clearTimeout(this.#timer);
    this.#collections.disconnect();
    this.#counted = undefined;
  }

  #schedule(): void {
    this.#dueMs = performance.now() + PERIOD_MS;
    this.#timer = setTimeout(() => {
      this.#recordDelay(performance.now() - this.#dueMs - TIMER_GRAIN_MS);
      this.#schedule();
    }, PERIOD_MS).unref();
  }

  /** With what the samples would have been that a long delay left no time for (HdrHistogram's correction by Tene). */
  #recordDelay(delayMs: number): void {
    for (let left = Math.max(0, delayMs), first = true; first || left > 0; left -= PERIOD_MS, first = false)
      this.#sink.record('generator.loop-delay', left * US_PER_MS);
  }

  #recordPauses(entries: readonly { readonly duration: number }[]): void {
    for (const { duration } of entries) this.#sink.record('generator.gc-pause', duration * US_PER_MS);
  }
}

import { monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import type { EventLoopUtilization, IntervalHistogram } from 'node:perf_hooks';

/** How hard a thread that generates load had to work: beyond the limits its figures measure itself. */
export interface GeneratorHealth {
  /** The share of time the event loop was busy, 0..1. */
  readonly eventLoopUtilization: number;
  /** How late a timer fired, 99th percentile. */
  readonly loopDelayP99Ms: number;
  /** All garbage collections together. */
  readonly gcPauseMs: number;
}

/** Ours, informational: a loop this busy has no room for a burst, and such a delay is an order's own latency. */
const MAX_UTILIZATION = 0.95;
const MAX_LOOP_DELAY_P99_MS = 100;

export const isSaturated = (health: GeneratorHealth): boolean =>
  health.eventLoopUtilization > MAX_UTILIZATION || health.loopDelayP99Ms > MAX_LOOP_DELAY_P99_MS;

/** The worst of each figure over all workers; zeros for none. */
export const worstHealth = (workers: readonly GeneratorHealth[]): GeneratorHealth => ({
  eventLoopUtilization: Math.max(0, ...workers.map((worker) => worker.eventLoopUtilization)),
  loopDelayP99Ms: Math.max(0, ...workers.map((worker) => worker.loopDelayP99Ms)),
  gcPauseMs: Math.max(0, ...workers.map((worker) => worker.gcPauseMs)),
});

/** Coarse enough to cost nothing: a hundred samples a second. */
const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** Watches the thread it lives in, from `start()` on; another `start()` begins anew. */
export class SaturationMonitor {
  readonly #loopDelay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #collections = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) this.#gcPauseMs += entry.duration;
  });
  #gcPauseMs = 0;
  #startedAt: EventLoopUtilization | undefined;

  start(): void {
    this.stop();
    this.#loopDelay.reset();
    this.#gcPauseMs = 0;
    this.#startedAt = performance.eventLoopUtilization();
    this.#loopDelay.enable();
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** Since `start()`. Node reports a collection a turn of the loop later, so the very last may be missing. */
  read(): GeneratorHealth {
    const sampled = this.#loopDelay.count > 0;
    return {
      eventLoopUtilization: performance.eventLoopUtilization(this.#startedAt).utilization,
      // Node's samples are the time between two firings of a timer, and so include its period.
      loopDelayP99Ms: sampled ? Math.max(0, this.#loopDelay.percentile(99) / NS_PER_MS - RESOLUTION_MS) : 0,
      gcPauseMs: this.#gcPauseMs,
    };
  }

  stop(): void {
    this.#loopDelay.disable();
    this.#collections.disconnect();
  }
}

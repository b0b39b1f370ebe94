import type { WasmHistogram } from 'hdr-histogram-js';
import { COUNTERS, STAGES } from '../engine/telemetry.ts';
import type { Counter, Stage, Telemetry } from '../engine/telemetry.ts';
import { assert } from '../kernel/assert.ts';
import { encode, mergeEncoded, newHistogram, type EncodedHistogram } from './histogram.ts';
import { HIGHEST_US } from './histogram-shape.ts';
import type { Snapshot } from './snapshot.ts';

/** The metrics whose histograms travel every second in any case. */
const INTERVAL_METRICS: readonly Stage[] = ['order.latency', 'persist.lag'];

/** Durations that did not fit a histogram and were recorded as its nearest value. */
const CLAMP_COUNTERS = [
  /** Below 0: the clocks of two threads disagreed. */
  'measure.clamped-low',
  /** Above 60 s. */
  'measure.clamped-high',
] as const;
type ClampCounter = (typeof CLAMP_COUNTERS)[number];

interface Tally {
  total: number;
  /** The total at the last interval. */
  reported: number;
}

/**
 * What one worker measures: the engine's stages and counters, and the load's own `metrics` and `counters`.
 * Values stay here, in histograms; what leaves are snapshots.
 */
export class Recorder<Metric extends string = never, Count extends string = never> implements Telemetry {
  readonly #histograms = new Map<string, WasmHistogram>();
  readonly #intervalMetrics: ReadonlySet<string>;
  /** What has travelled up to the last interval; `#histograms` has what came since, so that each value is recorded once. */
  readonly #reported = new Map<string, WasmHistogram>();
  readonly #tallies = new Map<string, Tally>();
  readonly #peaks = new Map<string, number>();

  /** `intervals`: further metrics whose histograms are to travel every second. */
  constructor(names: {
    readonly metrics: readonly Metric[];
    readonly counters: readonly Count[];
    readonly intervals?: readonly string[];
  }) {
    this.#intervalMetrics = new Set([...INTERVAL_METRICS, ...(names.intervals ?? [])]);
    for (const metric of [...STAGES, ...names.metrics]) this.#histograms.set(metric, newHistogram());
    for (const counter of [...COUNTERS, ...CLAMP_COUNTERS, ...names.counters])
      this.#tallies.set(counter, { total: 0, reported: 0 });
  }

  /** To the nearest whole microsecond, clamped to 0..60 s. */
  record(metric: Stage | Metric, micros: number): void {
    const histogram = this.#histograms.get(metric);
    assert(histogram !== undefined, 'a recorded metric was declared');
    this.#put(histogram, micros);
  }

  /** What records one series of a metric, as `record` does, without looking it up each time. */
  series(name: string): (micros: number) => void {
    const histogram = this.#histograms.get(name) ?? newHistogram();
    this.#histograms.set(name, histogram);
    return (micros) => this.#put(histogram, micros);
  }

  count(counter: Counter | Count | ClampCounter, by = 1): void {
    const tally = this.#tallies.get(counter);
    assert(tally !== undefined, 'a counter was declared');
    tally.total += by;
  }

  /** Keeps the highest value seen. */
  peak(gauge: string, value: number): void {
    const highest = this.#peaks.get(gauge);
    if (highest === undefined || value > highest) this.#peaks.set(gauge, value);
  }

  /** Forgets everything so far, reported or not: the end of the warm-up. */
  reset(): void {
    for (const histogram of this.#allHistograms()) histogram.reset();
    for (const tally of this.#tallies.values()) {
      tally.total = 0;
      tally.reported = 0;
    }
    this.#peaks.clear();
  }

  /** Everything since the start or the last reset. */
  total(): Snapshot {
    const histograms: Record<string, EncodedHistogram> = {};
    for (const [metric, histogram] of this.#histograms)
      if (histogram.totalCount > 0) histograms[metric] = encode(histogram);
    for (const [metric, histogram] of this.#reported) {
      if (histogram.totalCount === 0) continue;
      const recent = histograms[metric];
      const reported = encode(histogram);
      histograms[metric] = recent === undefined ? reported : mergeEncoded([reported, recent]);
    }
    return { histograms, counters: this.counters(), peaks: Object.fromEntries(this.#peaks) };
  }

  /** The counters of `total()` alone, which cost next to nothing. */
  counters(): Snapshot['counters'] {
    const counters: Record<string, number> = {};
    for (const [name, { total }] of this.#tallies) counters[name] = total;
    return counters;
  }

  /** What came since the last interval: metrics that travel, and the counters that grew. Intervals add up to the total. */
  interval(): Snapshot {
    const counters: Record<string, number> = {};
    for (const [name, tally] of this.#tallies) {
      if (tally.total !== tally.reported) counters[name] = tally.total - tally.reported;
      tally.reported = tally.total;
    }
    const histograms: Record<string, EncodedHistogram> = {};
    for (const [series, recent] of this.#histograms) {
      if (recent.totalCount === 0 || !this.#intervalMetrics.has(series.split('{', 1)[0]!)) continue;
      histograms[series] = encode(recent);
      this.#reportedOf(series).add(recent);
      recent.reset();
    }
    return { histograms, counters, peaks: {} };
  }

  /** Frees the histograms. The recorder is of no use afterwards. */
  destroy(): void {
    for (const histogram of this.#allHistograms()) histogram.destroy();
  }

  #reportedOf(series: string): WasmHistogram {
    let reported = this.#reported.get(series);
    if (reported === undefined) {
      reported = newHistogram();
      this.#reported.set(series, reported);
    }
    return reported;
  }

  #allHistograms(): WasmHistogram[] {
    return [...this.#histograms.values(), ...this.#reported.values()];
  }

  #put(histogram: WasmHistogram, micros: number): void {
    histogram.recordValue(micros >= 0 && micros <= HIGHEST_US ? Math.round(micros) : this.#clamp(micros));
  }

  #clamp(micros: number): number {
    if (micros > HIGHEST_US) {
      this.count('measure.clamped-high');
      return HIGHEST_US;
    }
    this.count('measure.clamped-low');
    return 0;
  }
}

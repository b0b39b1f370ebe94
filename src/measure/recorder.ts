import type { WasmHistogram } from 'hdr-histogram-js';
import { COUNTERS, STAGES } from '../engine/telemetry.ts';
import type { Counter, Stage, Telemetry } from '../engine/telemetry.ts';
import { assert } from '../kernel/assert.ts';
import { encode, HIGHEST_US, mergeEncoded, newHistogram } from './histogram.ts';
import type { Snapshot } from './snapshot.ts';

/** The one metric whose histogram travels every second. */
const INTERVAL_METRIC: Stage = 'order.latency';

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
  /** INTERVAL_METRIC up to the last interval; `#histograms` has what came since, so that each value is recorded once. */
  readonly #reported = newHistogram();
  readonly #tallies = new Map<string, Tally>();
  readonly #peaks = new Map<string, number>();

  constructor(names: { readonly metrics: readonly Metric[]; readonly counters: readonly Count[] }) {
    for (const metric of [...STAGES, ...names.metrics]) this.#histograms.set(metric, newHistogram());
    for (const counter of [...COUNTERS, ...CLAMP_COUNTERS, ...names.counters])
      this.#tallies.set(counter, { total: 0, reported: 0 });
  }

  /** To the nearest whole microsecond, clamped to 0..60 s. */
  record(metric: Stage | Metric, micros: number): void {
    const histogram = this.#histograms.get(metric);
    assert(histogram !== undefined, 'a recorded metric was declared');
    histogram.recordValue(micros >= 0 && micros <= HIGHEST_US ? Math.round(micros) : this.#clamp(micros));
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
    for (const histogram of this.#histograms.values()) histogram.reset();
    this.#reported.reset();
    for (const tally of this.#tallies.values()) {
      tally.total = 0;
      tally.reported = 0;
    }
    this.#peaks.clear();
  }

  /** Everything since the start or the last reset. */
  total(): Snapshot {
    const histograms: Record<string, string> = {};
    for (const [metric, histogram] of this.#histograms)
      if (histogram.totalCount > 0) histograms[metric] = encode(histogram);
    if (this.#reported.totalCount > 0) {
      const recent = histograms[INTERVAL_METRIC];
      const reported = encode(this.#reported);
      histograms[INTERVAL_METRIC] = recent === undefined ? reported : mergeEncoded([reported, recent]);
    }
    return { histograms, counters: this.counters(), peaks: Object.fromEntries(this.#peaks) };
  }

  /** The counters of `total()` alone, which cost next to nothing. */
  counters(): Snapshot['counters'] {
    const counters: Record<string, number> = {};
    for (const [name, { total }] of this.#tallies) counters[name] = total;
    return counters;
  }

  /** What came since the last interval: `order.latency` and the counters that grew. Intervals add up to the total. */
  interval(): Snapshot {
    const counters: Record<string, number> = {};
    for (const [name, tally] of this.#tallies) {
      if (tally.total !== tally.reported) counters[name] = tally.total - tally.reported;
      tally.reported = tally.total;
    }
    const recent = this.#histograms.get(INTERVAL_METRIC)!;
    if (recent.totalCount === 0) return { histograms: {}, counters, peaks: {} };
    const histograms = { [INTERVAL_METRIC]: encode(recent) };
    this.#reported.add(recent);
    recent.reset();
    return { histograms, counters, peaks: {} };
  }

  /** Frees the histograms. The recorder is of no use afterwards. */
  destroy(): void {
    for (const histogram of this.#histograms.values()) histogram.destroy();
    this.#reported.destroy();
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

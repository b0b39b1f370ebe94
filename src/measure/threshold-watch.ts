import { isDuration } from '../scenarios/threshold-metrics.ts';
import { judgesWholeLoad, type Threshold } from '../scenarios/thresholds.ts';
import { EMPTY_SNAPSHOT, mergeSnapshots, mergeAll, type Snapshot } from './snapshot.ts';
import { evaluateThreshold, isWorse, type Figures, type ThresholdResult } from './thresholds.ts';

const SECOND_MS = 1_000;
/** A worker whose second has not come by then is not waited for: it is stalled, or done. */
const GRACE_SECONDS = 2;

/** The metrics that have to travel every second for these thresholds. */
export const watchedMetrics = (thresholds: readonly Threshold[]): string[] => [
  ...new Set(thresholds.filter((one) => !judgesWholeLoad(one)).map(({ metric }) => metric)),
];

/**
 * Holds thresholds to a load second by second, from what its workers measured in each: exact histograms of the
 * seconds, merged. What comes too late for its second counts to the next one that is not judged yet.
 */
export class ThresholdWatch {
  readonly #thresholds: readonly Threshold[];
  readonly #watched = new Map<Threshold, WatchedThreshold>();
  readonly #plannedMs: number;
  /** By worker: the seconds it has reported. */
  readonly #reported: Map<number, number>;
  /** What is not judged yet. */
  readonly #seconds = new Map<number, Snapshot>();
  #judged = 0;

  /** `plannedMs`: how long the load is to last; Infinity: not known. */
  constructor(thresholds: readonly Threshold[], workers: number, plannedMs: number) {
    this.#thresholds = thresholds;
    this.#plannedMs = plannedMs;
    this.#reported = new Map(Array.from({ length: workers }, (_, worker) => [worker, 0]));
    for (const threshold of thresholds)
      if (!judgesWholeLoad(threshold)) this.#watched.set(threshold, new WatchedThreshold(threshold));
  }

  /** Adds what was measured in a second or so that began at `atMs` of the load, by a worker or by the main thread. */
  add(worker: number | 'main', atMs: number, interval: Snapshot): void {
    if (this.#watched.size === 0) return;
    const second = Math.max(this.#judged, Math.round(atMs / SECOND_MS));
    this.#seconds.set(second, mergeSnapshots(this.#seconds.get(second) ?? EMPTY_SNAPSHOT, interval));
    if (worker !== 'main') this.#reported.set(worker, second + 1);
  }

  /** Judges the seconds that are over at `elapsedMs` of the load. Gives the first miss that is to end the load. */
  advance(elapsedMs: number): ThresholdResult | undefined {
    const over = Math.floor(elapsedMs / SECOND_MS);
    const reported = Math.min(...this.#reported.values());
    this.#judgeUpTo(Math.min(over, Math.max(reported, over - GRACE_SECONDS)), this.#plannedMs);
    return [...this.#watched.values()].find(({ miss }) => miss !== undefined)?.miss;
  }

  /** Every threshold's result, in their order, after a load that has come to this in all. */
  finish(whole: Figures): ThresholdResult[] {
    const last = Math.max(this.#judged, ...[...this.#seconds.keys()].map((second) => second + 1));
    this.#judgeUpTo(last, Math.min(this.#plannedMs, whole.durationMs));
    return this.#thresholds.map(
      (threshold) =>
        this.#watched.get(threshold)?.result(whole.durationMs) ?? evaluateThreshold(threshold, whole),
    );
  }

  #judgeUpTo(end: number, loadMs: number): void {
    if (this.#watched.size === 0) return;
    for (; this.#judged < end; this.#judged += 1) {
      const measured = this.#seconds.get(this.#judged) ?? EMPTY_SNAPSHOT;
      this.#seconds.delete(this.#judged);
      const isWhole = (this.#judged + 1) * SECOND_MS <= loadMs;
      for (const watched of this.#watched.values()) watched.judge(this.#judged, measured, isWhole);
    }
  }
}

/** One threshold over the seconds of a load. */
class WatchedThreshold {
  readonly #threshold: Threshold;
  /** Of the last window, or everything since the threshold counts. */
  #measured: Snapshot[] = [];
  /** Durations that never came may be misspelt; what was never counted is 0. */
  #wasMeasured: boolean;
  #worst: ThresholdResult | undefined;
  miss: ThresholdResult | undefined;

  constructor(threshold: Threshold) {
    this.#threshold = threshold;
    this.#wasMeasured = !isDuration(threshold.metric);
  }

  /** `isWhole`: the load lasted through all of the second, so that a count of it can be compared. */
  judge(second: number, measured: Snapshot, isWhole: boolean): void {
    const { windowMs, fromMs = 0, aggregate } = this.#threshold;
    if (second * SECOND_MS < fromMs) return;
    this.#measured.push(this.#partOf(measured));
    if (windowMs === undefined) this.#measured = [mergeAll(this.#measured)];
    else if (this.#measured.length > windowMs / SECOND_MS) this.#measured.shift();
    if (!isWhole && (aggregate === 'count' || aggregate === 'rate')) return;
    this.#look((second + 1) * SECOND_MS);
  }

  result(durationMs: number): ThresholdResult {
    const { text, windowMs } = this.#threshold;
    if (this.miss !== undefined) return this.miss;
    if (!this.#wasMeasured) return { text, verdict: 'unknown', actual: null };
    if (windowMs === undefined) return this.#evaluate(durationMs);
    return this.#worst ?? { text, verdict: 'unknown', actual: null };
  }

  #look(endMs: number): void {
    const { windowMs, abortAfterMs } = this.#threshold;
    const isFull = windowMs === undefined || this.#measured.length * SECOND_MS === windowMs;
    if (!isFull || (windowMs === undefined && abortAfterMs === undefined)) return;
    const found = { ...this.#evaluate(endMs), ...(windowMs !== undefined && { windowEndMs: endMs }) };
    if (found.actual === null) return;
    const worst = this.#worst?.actual ?? null;
    if (worst === null || isWorse(this.#threshold, found.actual, worst)) this.#worst = found;
    if (found.verdict === 'failed' && abortAfterMs !== undefined && endMs >= abortAfterMs)
      this.miss ??= { ...found, abortedAtMs: endMs };
  }

  /** What was not counted in a stretch is 0 there: a second has only the counters that grew in it. */
  #evaluate(endMs: number): ThresholdResult {
    const { windowMs, fromMs = 0, metric } = this.#threshold;
    const { histograms, counters } = mergeAll(this.#measured);
    return evaluateThreshold(this.#threshold, {
      histograms,
      counters: { [metric]: 0, ...counters },
      durationMs: windowMs ?? endMs - fromMs,
    });
  }

  /** Only what the threshold is about, so that a long window is small. */
  #partOf({ histograms, counters }: Snapshot): Snapshot {
    const { metric, of } = this.#threshold;
    const isPart = ([name]: readonly [string, unknown]) => name.split('{')[0] === metric || of.includes(name);
    const part = {
      histograms: Object.fromEntries(Object.entries(histograms).filter(isPart)),
      counters: Object.fromEntries(Object.entries(counters).filter(isPart)),
      peaks: {},
    };
    this.#wasMeasured ||= Object.keys(part.histograms).length > 0;
    return part;
  }
}

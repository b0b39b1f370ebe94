import { mergeEncoded, type EncodedHistogram } from './histogram.ts';

/**
 * Everything a worker measured. Merging is lossless, associative and commutative: threads, machines and rounds
 * all add up, in any grouping. Plain data, cheap to send between threads.
 */
export interface Snapshot {
  /** By metric: durations in µs. A metric without values is absent. */
  readonly histograms: Readonly<Record<string, EncodedHistogram>>;
  /** Added up by a merge. */
  readonly counters: Readonly<Record<string, number>>;
  /** The highest value of each gauge; a merge keeps the higher one. */
  readonly peaks: Readonly<Record<string, number>>;
}

export const EMPTY_SNAPSHOT: Snapshot = { histograms: {}, counters: {}, peaks: {} };

export const mergeSnapshots = (a: Snapshot, b: Snapshot): Snapshot => mergeAll([a, b]);

/** Merges any number at once, which is far cheaper than one by one: each histogram is decoded once. */
export const mergeAll = (snapshots: readonly Snapshot[]): Snapshot => ({
  histograms: mergeHistograms(snapshots.map(({ histograms }) => histograms)),
  counters: combine(
    snapshots.map(({ counters }) => counters),
    (a, b) => a + b,
  ),
  peaks: combine(
    snapshots.map(({ peaks }) => peaks),
    Math.max,
  ),
});

const mergeHistograms = (records: readonly Snapshot['histograms'][]): Snapshot['histograms'] => {
  const byMetric = new Map<string, EncodedHistogram[]>();
  for (const record of records) {
    for (const [metric, encoded] of Object.entries(record)) {
      const encodings = byMetric.get(metric);
      if (encodings === undefined) byMetric.set(metric, [encoded]);
      else encodings.push(encoded);
    }
  }
  const merged: Record<string, EncodedHistogram> = {};
  for (const [metric, encodings] of byMetric)
    merged[metric] = encodings.length === 1 ? encodings[0]! : mergeEncoded(encodings);
  return merged;
};

const combine = (
  records: readonly Readonly<Record<string, number>>[],
  combineTwo: (a: number, b: number) => number,
): Record<string, number> => {
  const combined: Record<string, number> = {};
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      const before = combined[name];
      combined[name] = before === undefined ? value : combineTwo(before, value);
    }
  }
  return combined;
};

import * as fc from 'fast-check';
import { Recorder } from '../../../src/measure/recorder.ts';
import type { Snapshot } from '../../../src/measure/snapshot.ts';

/** Durations in µs over the whole range, small and large alike, in whole microseconds. */
export const durations = fc.array(
  fc.oneof(fc.nat(3_000), fc.nat(1_000_000), fc.nat(60_000_000), fc.constantFrom(0, 1, 2_047, 2_048)),
  { maxLength: 60 },
);

/** What a worker measures that saw these durations, and counted and peaked at each. */
export const snapshotOf = (values: readonly number[]): Snapshot => {
  const recorder = new Recorder({ metrics: [], counters: [] });
  for (const value of values) {
    recorder.record('order.latency', value);
    recorder.count('cache.reads', value);
    recorder.peak('cache.concurrent-loads', value);
  }
  const snapshot = recorder.total();
  recorder.destroy();
  return snapshot;
};

/** The value of which the share `percent` of all values is not above: the definition, on the sorted values. */
export const exactPercentile = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)]!;

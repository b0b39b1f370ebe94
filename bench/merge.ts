import { encode, newHistogram, type EncodedHistogram } from '../src/measure/histogram.ts';
import { mergeAll, type Snapshot } from '../src/measure/snapshot.ts';
import { drawLatency } from './kit/latencies.ts';
import { median, printBar } from './kit/rounds.ts';

/** How long the snapshots of many workers take to become one, by how much each histogram has seen. */
const ROUNDS = 15;
const WORKERS = 64;
const METRICS = 50;
const VALUES = [100, 1_000, 10_000];
/** For a thousand values, as a worker has of each step of a journey after some seconds. */
const BAR = { values: 1_000, ms: 20 };

const histogramOf = (values: number): EncodedHistogram => {
  const histogram = newHistogram();
  for (let i = 0; i < values; i += 1) histogram.recordValue(Math.round(drawLatency()));
  const encoded = encode(histogram);
  histogram.destroy();
  return encoded;
};

const snapshotOf = (values: number): Snapshot => ({
  histograms: Object.fromEntries(
    Array.from({ length: METRICS }, (_, metric) => [`metric-${metric}`, histogramOf(values)]),
  ),
  counters: {},
  peaks: {},
});

const mergeMs = (snapshots: readonly Snapshot[]): number => {
  const startedMs = performance.now();
  mergeAll(snapshots);
  return performance.now() - startedMs;
};

for (const values of VALUES) {
  const snapshots = Array.from({ length: WORKERS }, () => snapshotOf(values));
  const ms = median(Array.from({ length: ROUNDS }, () => mergeMs(snapshots)));
  const bytes = snapshots[0]!.histograms['metric-0']!.byteLength;
  const what = `ms to merge ${WORKERS} x ${METRICS} histograms of ${values} values (${bytes} bytes each)`;
  if (values === BAR.values) printBar(what, ms, '<=', BAR.ms);
  else console.log(`       ${what}: ${ms.toFixed(1)}`);
}

import { build } from 'hdr-histogram-js';
import { newHistogram } from '../src/measure/histogram.ts';
import { HIGHEST_US } from '../src/measure/histogram-shape.ts';
import { Recorder } from '../src/measure/recorder.ts';
import { drawLatency } from './kit/latencies.ts';
import { median } from './kit/rounds.ts';

/**
 * What it costs to record one duration: the library's JavaScript and WebAssembly histograms, and trade-sim's
 * recorder around the latter, in alternating rounds of one process. Prints the median of each and its ratio to
 * the first.
 */
const ROUNDS = 9;
const RECORDS_PER_ROUND = 1_000_000;
const VALUES = 65_536;

const latencies = Float64Array.from({ length: VALUES }, drawLatency);

const javascript = build({
  lowestDiscernibleValue: 1,
  highestTrackableValue: HIGHEST_US,
  numberOfSignificantValueDigits: 3,
  bitBucketSize: 64,
});
const webAssembly = newHistogram();
const recorder = new Recorder({ metrics: [], counters: [] });

const subjects: readonly (readonly [name: string, record: (micros: number) => void])[] = [
  ['JavaScript histogram', (micros) => javascript.recordValue(Math.round(micros))],
  ['WebAssembly histogram', (micros) => webAssembly.recordValue(Math.round(micros))],
  ['trade-sim recorder', (micros) => recorder.record('order.latency', micros)],
];

const nsPerRecord = (record: (micros: number) => void): number => {
  const startedAt = process.hrtime.bigint();
  for (let index = 0; index < RECORDS_PER_ROUND; index += 1) record(latencies[index % VALUES]!);
  return Number(process.hrtime.bigint() - startedAt) / RECORDS_PER_ROUND;
};

for (const [, record] of subjects) nsPerRecord(record);
const rounds = Array.from({ length: ROUNDS }, () => subjects.map(([, record]) => nsPerRecord(record)));

const baseline = median(rounds.map((round) => round[0]!));
for (const [index, [name]] of subjects.entries()) {
  const ns = median(rounds.map((round) => round[index]!));
  console.log(`${name.padEnd(24)} ${ns.toFixed(1).padStart(6)} ns ${(ns / baseline).toFixed(2).padStart(6)}`);
}

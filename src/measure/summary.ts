import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { withDecoded, type EncodedHistogram } from './histogram.ts';

/** A distribution of durations, as reports give it. Exact to 3 significant digits; all zeros when `count` is 0. */
export interface LatencySummary {
  readonly unit: 'us';
  readonly count: number;
  readonly min: number;
  /** To a tenth of a microsecond. */
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** The whole distribution: HdrHistogram's V2 compressed form in base64; empty when `count` is 0. */
  readonly hdr: string;
}

const EMPTY_SUMMARY: LatencySummary = {
  unit: 'us',
  count: 0,
  min: 0,
  mean: 0,
  p50: 0,
  p90: 0,
  p95: 0,
  p99: 0,
  p999: 0,
  max: 0,
  hdr: '',
};

/** Summarises an encoded histogram; `undefined` is a metric without values. */
export const summarize = (encoded: EncodedHistogram | undefined): LatencySummary =>
  encoded === undefined
    ? EMPTY_SUMMARY
    : withDecoded(encoded, (histogram) => ({
        unit: 'us',
        count: histogram.totalCount,
        min: histogram.getValueAtPercentile(0),
        mean: Math.round(histogram.mean * 10) / 10,
        p50: histogram.getValueAtPercentile(50),
        p90: histogram.getValueAtPercentile(90),
        p95: histogram.getValueAtPercentile(95),
        p99: histogram.getValueAtPercentile(99),
        p999: histogram.getValueAtPercentile(99.9),
        max: histogram.maxValue,
        hdr: encodeIntoCompressedBase64(histogram),
      }));

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../../src/measure/histogram.ts';
import { mergeAll } from '../../../src/measure/snapshot.ts';
import { summarize } from '../../../src/measure/summary.ts';
import { durations, exactPercentile, snapshotOf } from './values.ts';

const summaryOf = (values: readonly number[]) => summarize(snapshotOf(values).histograms['order.latency']);

/** Equal to 3 significant digits. */
const expectNear = (actual: number, exact: number) =>
  expect(Math.abs(actual - exact)).toBeLessThanOrEqual(exact / 1_000);

describe('summarize', () => {
  it('gives the figures of the values themselves, to 3 significant digits', () => {
    fc.assert(
      fc.property(durations, (values) => {
        fc.pre(values.length > 0);
        const summary = summaryOf(values);
        expect(summary.count).toBe(values.length);
        expectNear(summary.min, Math.min(...values));
        expectNear(summary.max, Math.max(...values));
        for (const [figure, percent] of [
          ['p50', 50],
          ['p90', 90],
          ['p95', 95],
          ['p99', 99],
          ['p999', 99.9],
        ] as const)
          expectNear(summary[figure], exactPercentile(values, percent));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(Math.abs(summary.mean - mean)).toBeLessThanOrEqual(mean / 1_000 + 0.1);
      }),
    );
  });

  it('takes percentiles of all values together, not of the parts', () => {
    const fast = snapshotOf(Array.from({ length: 99 }, () => 100));
    const slow = snapshotOf([50_000]);
    const summary = summarize(mergeAll([fast, slow]).histograms['order.latency']);
    expect([summary.p50, summary.p99, summary.p999]).toEqual([100, 100, summary.max]);
  });

  it('counts zeros as values', () => {
    expect(summaryOf([0, 0, 0, 1])).toMatchObject({ count: 4, min: 0, mean: 0.3, p50: 0, p99: 1, max: 1 });
  });

  it('says zeros of a metric without values', () => {
    expect(summarize(undefined)).toMatchObject({ count: 0, min: 0, mean: 0, p50: 0, max: 0, hdr: '' });
  });

  it('carries the whole distribution, smaller, to be summarised again', () => {
    const encoded = snapshotOf(Array.from({ length: 1_000 }, (_, index) => index * 7)).histograms[
      'order.latency'
    ]!;
    const summary = summarize(encoded);
    expect(summary.hdr.length).toBeLessThan(encoded.length / 1.2);
    expect(summarize(decompress(summary.hdr))).toEqual(summary);
  });
});

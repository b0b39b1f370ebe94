import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_SNAPSHOT, mergeAll, type Snapshot } from '../../../src/measure/snapshot.ts';
import { summarize } from '../../../src/measure/summary.ts';
import { ThresholdWatch, watchedMetrics } from '../../../src/measure/threshold-watch.ts';
import { parseThreshold } from '../../../src/scenarios/thresholds.ts';
import { snapshotOf } from './values.ts';

const interval = (values: readonly number[], counters: Snapshot['counters'] = {}): Snapshot => ({
  ...snapshotOf(values),
  counters,
});

const watching = (texts: readonly string[], { workers = 1, plannedMs = Infinity } = {}) =>
  new ThresholdWatch(texts.map(parseThreshold), workers, plannedMs);

const WHOLE = { ...EMPTY_SNAPSHOT, durationMs: 100_000 };

/** The one threshold over seconds of so many values each, a second after another. */
const over = (text: string, seconds: readonly (readonly number[])[], durationMs = seconds.length * 1_000) => {
  const watch = watching([text]);
  for (const [second, values] of seconds.entries()) watch.add(0, second * 1_000, interval(values));
  return watch.finish({ ...WHOLE, durationMs })[0]!;
};

describe('a window', () => {
  it('has the exact percentile of all its values, and no mean of percentiles', () => {
    const slow = Array.from({ length: 2 }, () => 2_000);
    const quick = Array.from({ length: 98 }, () => 100);
    expect(over('order.latency:p98<1ms over 2s', [quick, slow])).toMatchObject({
      verdict: 'passed',
      actual: 100,
    });
    expect(over('order.latency:p99<1ms over 2s', [quick, slow])).toMatchObject({
      verdict: 'failed',
      actual: 2_000,
      windowEndMs: 2_000,
    });
  });

  it('slides by a second, and the worst place counts', () => {
    const seconds = [[100], [900], [950], [200], [100]];
    expect(over('order.latency:min<500us over 2s', seconds)).toMatchObject({
      verdict: 'failed',
      actual: 900,
      windowEndMs: 3_000,
    });
    expect(over('order.latency:min<500us over 3s', seconds).verdict).toBe('passed');
    expect(over('order.latency:max>=200us over 2s', seconds)).toMatchObject({
      actual: 200,
      windowEndMs: 5_000,
    });
  });

  it('that is longer than the load is never full', () => {
    expect(over('order.latency:p99<1s over 4s', [[1], [2], [3]])).toEqual({
      text: 'order.latency:p99<1s over 4s',
      verdict: 'unknown',
      actual: null,
    });
  });

  it('without a value is no window of durations, but counts none', () => {
    expect(over('order.latency:p99<1s over 1s', [[5], [], [7]])).toMatchObject({
      verdict: 'passed',
      actual: 7,
    });
    expect(over('order.latency:count>=1 over 1s', [[5], [], [7]])).toMatchObject({
      verdict: 'failed',
      actual: 0,
    });
    expect(over('order.latency:count<1 over 1s', [[], []]).verdict).toBe('unknown');
  });

  it('begins where it is told to', () => {
    const seconds = [[2_000], [2_000], [10], [10]];
    expect(over('order.latency:p99<1ms over 2s', seconds).verdict).toBe('failed');
    expect(over('order.latency:p99<1ms over 2s from 2s', seconds).verdict).toBe('passed');
    expect(over('order.latency:p99<1ms from 2s', seconds)).toMatchObject({ verdict: 'passed', actual: 10 });
    expect(over('order.latency:p99<1ms from 1s', seconds).verdict).toBe('failed');
  });

  it('of a count lies within the load, and one of durations has those that came late as well', () => {
    const seconds = [[1, 1], [1, 1], [2_000]];
    expect(over('order.latency:rate>=2 over 2s', seconds, 2_000)).toMatchObject({
      verdict: 'passed',
      actual: 2,
    });
    expect(over('order.latency:max<1ms over 2s', seconds, 2_000)).toMatchObject({
      verdict: 'failed',
      actual: 2_000,
    });
  });

  it('has a rate and a share of counters, by what each second counted', () => {
    const watch = watching(['orders.failed:share<10% over 2s', 'orders.accepted:rate>=4/s over 2s']);
    const counts: [number, number][] = [
      [0, 10],
      [1, 9],
      [3, 7],
      [0, 2],
    ];
    for (const [second, [failed, accepted]] of counts.entries())
      watch.add(0, second * 1_000, {
        ...EMPTY_SNAPSHOT,
        counters: {
          'orders.failed': failed,
          'orders.accepted': accepted,
          'orders.attempted': failed + accepted,
        },
      });
    expect(watch.finish({ ...WHOLE, durationMs: 4_000 })).toEqual([
      expect.objectContaining({ verdict: 'failed', actual: 0.25, windowEndMs: 4_000 }),
      expect.objectContaining({ verdict: 'passed', actual: 4.5, windowEndMs: 4_000 }),
    ]);
  });

  it('is the merge of the seconds in it, whatever they hold and whichever worker measured it', () => {
    const values = fc.array(fc.integer({ min: 0, max: 60_000_000 }), { minLength: 1, maxLength: 4 });
    const seconds = fc.array(fc.tuple(values, values), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 6 }), (load, length) => {
        const watch = watching([`order.latency:p90<1us over ${length}s`], { workers: 2 });
        for (const [second, byWorker] of load.entries())
          for (const [worker, measured] of byWorker.entries())
            watch.add(worker, second * 1_000, interval(measured));
        const windows = load.flatMap((_, end) =>
          end + 1 < length ? [] : [load.slice(end + 1 - length, end + 1).flat()],
        );
        const expected = windows.map(
          (window) => summarize(mergeAll(window.map(snapshotOf)).histograms['order.latency']).p90,
        );
        const { actual } = watch.finish(WHOLE)[0]!;
        expect(actual).toBe(expected.length === 0 ? null : Math.max(...expected));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a threshold that ends the load', () => {
  const SLOW = interval([2_000]);

  it('does so at its first miss, and its result stays what it was then', () => {
    const watch = watching(['order.latency:p99<1ms abort', 'orders.failed:count<1 abort']);
    watch.add(0, 0, interval([10]));
    expect(watch.advance(1_000)).toBeUndefined();
    watch.add(0, 1_000, SLOW);
    const missed = {
      text: 'order.latency:p99<1ms abort',
      verdict: 'failed',
      actual: 2_000,
      abortedAtMs: 2_000,
    };
    expect(watch.advance(2_000)).toEqual(missed);
    watch.add(0, 2_000, interval(Array.from({ length: 1_000 }, () => 10)));
    const [latency, failed] = watch.finish({ ...WHOLE, counters: { 'orders.failed': 0 } });
    expect(latency).toEqual(missed);
    expect(failed).toMatchObject({ verdict: 'passed', actual: 0 });
  });

  it('does so no sooner than it is told to', () => {
    const watch = watching(['order.latency:p99<1ms over 1s abort after 3s']);
    for (const second of [0, 1]) watch.add(0, second * 1_000, SLOW);
    expect(watch.advance(2_000)).toBeUndefined();
    watch.add(0, 2_000, SLOW);
    expect(watch.advance(3_000)).toMatchObject({ abortedAtMs: 3_000, windowEndMs: 3_000 });
  });

  it('waits for all workers, but not for one that is stalled', () => {
    const watch = watching(['order.latency:p99<1ms abort'], { workers: 2 });
    watch.add(0, 0, SLOW);
    expect(watch.advance(1_000)).toBeUndefined();
    watch.add(1, 0, interval(Array.from({ length: 1_000 }, () => 10)));
    expect(watch.advance(1_010)).toBeUndefined();
    watch.add(0, 1_000, interval(Array.from({ length: 1_000 }, () => 2_000)));
    expect(watch.advance(3_000)).toBeUndefined();
    expect(watch.advance(4_000)).toMatchObject({ abortedAtMs: 2_000 });
  });

  it('takes no part of a second for a whole one, when a load ends by a count', () => {
    const watch = watching(['orders.accepted:rate>=80/s over 1s abort']);
    const counted = (orders: number) => ({ ...EMPTY_SNAPSHOT, counters: { 'orders.accepted': orders } });
    watch.add(0, 0, counted(100));
    watch.add(0, 1_000, counted(60));
    expect(watch.advance(1_600)).toBeUndefined();
    expect(watch.finish({ ...WHOLE, durationMs: 1_600 })).toMatchObject([{ verdict: 'passed', actual: 100 }]);
  });

  it('loses nothing that comes too late for its second', () => {
    const watch = watching(['order.latency:count>=5 from 0s', 'order.latency:p99<1ms abort'], { workers: 2 });
    watch.add(0, 0, interval([1, 1]));
    watch.advance(9_000);
    watch.add(1, 0, interval([1, 1, 2_000]));
    expect(watch.finish(WHOLE)).toMatchObject([{ verdict: 'passed', actual: 5 }, { verdict: 'failed' }]);
  });
});

describe('thresholds together', () => {
  it('answer in their order, those of the whole load by its figures', () => {
    const texts = ['order.latency:p99<1s', 'order.latency:p99<1s over 1s', 'orders.failed:count<1'];
    const watch = watching(texts);
    watch.add(0, 0, interval([7]));
    const results = watch.finish({ ...interval([3], { 'orders.failed': 2 }), durationMs: 1_000 });
    expect(results.map(({ text, verdict, actual }) => [text, verdict, actual])).toEqual([
      [texts[0], 'passed', 3],
      [texts[1], 'passed', 7],
      [texts[2], 'failed', 2],
    ]);
    expect(watching([]).finish(WHOLE)).toEqual([]);
  });

  it('say which metrics have to travel every second', () => {
    const texts = ['lock.wait:p99<1s', 'order.latency:p99<1s over 1s', 'step.latency{step:pay}:p99<1s abort'];
    expect(watchedMetrics(texts.map(parseThreshold))).toEqual(['order.latency', 'step.latency']);
  });
});

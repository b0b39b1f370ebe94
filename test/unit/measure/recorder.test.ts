import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Recorder } from '../../../src/measure/recorder.ts';
import { EMPTY_SNAPSHOT, mergeAll, mergeSnapshots } from '../../../src/measure/snapshot.ts';
import type { Snapshot } from '../../../src/measure/snapshot.ts';
import { summarize } from '../../../src/measure/summary.ts';
import { durations, snapshotOf } from './values.ts';

const newRecorder = () => {
  const recorder = new Recorder({ metrics: ['schedule.lag'], counters: ['iterations.completed'] });
  onTestFinished(() => recorder.destroy());
  return recorder;
};

const latencyOf = (snapshot: Snapshot) => summarize(snapshot.histograms['order.latency']);

describe('Recorder', () => {
  it('keeps the engine’s and the load’s own measurements', () => {
    const recorder = newRecorder();
    recorder.record('lock.wait', 120);
    recorder.record('schedule.lag', 80);
    recorder.count('lock.attempts');
    recorder.count('iterations.completed', 3);
    recorder.peak('cache.concurrent-loads', 4);
    recorder.peak('cache.concurrent-loads', 2);
    const { histograms, counters, peaks } = recorder.total();
    expect(Object.keys(histograms)).toEqual(['lock.wait', 'schedule.lag']);
    expect(summarize(histograms['lock.wait'])).toMatchObject({ count: 1, max: 120 });
    expect(summarize(histograms['schedule.lag'])).toMatchObject({ count: 1, max: 80 });
    expect(counters).toMatchObject({ 'lock.attempts': 1, 'iterations.completed': 3, 'lock.expired': 0 });
    expect(peaks).toEqual({ 'cache.concurrent-loads': 4 });
  });

  it('records the series of a metric apart, each from its first use on, as it records a metric', () => {
    const recorder = newRecorder();
    const [yes, no] = ['yes', 'no'].map((outcome) => recorder.series(`step.latency{outcome:${outcome}}`));
    yes!(10.4);
    yes!(Number.NaN);
    no!(300);
    recorder.series('step.latency{outcome:yes}')(20);
    const { histograms, counters } = recorder.total();
    expect(summarize(histograms['step.latency{outcome:yes}'])).toMatchObject({ count: 3, min: 0, max: 20 });
    expect(summarize(histograms['step.latency{outcome:no}'])).toMatchObject({ count: 1, max: 300 });
    expect(counters['measure.clamped-low']).toBe(1);
    recorder.reset();
    yes!(5);
    expect(summarize(recorder.total().histograms['step.latency{outcome:yes}'])).toMatchObject({ count: 1 });
  });

  it('gives its counters alone, as in the total', () => {
    const recorder = newRecorder();
    recorder.count('queue.delivered', 3);
    recorder.record('lock.wait', -1);
    recorder.interval();
    expect(recorder.counters()).toEqual(recorder.total().counters);
    expect(recorder.counters()).toMatchObject({ 'queue.delivered': 3, 'measure.clamped-low': 1 });
  });

  it('refuses a metric or a counter that was not declared', () => {
    const recorder = newRecorder();
    expect(() => recorder.record('unknown' as 'lock.wait', 1)).toThrow('declared');
    expect(() => recorder.count('unknown' as 'lock.attempts')).toThrow('declared');
  });

  it('rounds to the nearest microsecond', () => {
    const recorder = newRecorder();
    for (const micros of [0.4, 0.6, 1.5]) recorder.record('order.latency', micros);
    expect(latencyOf(recorder.total())).toMatchObject({ min: 0, p50: 1, max: 2, mean: 1 });
  });

  it.each([
    [-5_000, 0, 'measure.clamped-low'],
    [Number.NEGATIVE_INFINITY, 0, 'measure.clamped-low'],
    [Number.NaN, 0, 'measure.clamped-low'],
    [60_000_001, 60_000_000, 'measure.clamped-high'],
    [1e15, 60_000_000, 'measure.clamped-high'],
    [Number.POSITIVE_INFINITY, 60_000_000, 'measure.clamped-high'],
  ])('records %d as %d and counts it', (micros, recorded, counter) => {
    const recorder = newRecorder();
    recorder.record('persist.lag', micros);
    const { histograms, counters } = recorder.total();
    const { count, min } = summarize(histograms['persist.lag']);
    expect(count).toBe(1);
    expect(Math.abs(min - recorded)).toBeLessThanOrEqual(recorded / 1_000);
    expect(counters[counter]).toBe(1);
  });

  it.each([0, 1, 60_000_000])('records %d as it is', (micros) => {
    const recorder = newRecorder();
    recorder.record('persist.lag', micros);
    expect(recorder.total().counters).toMatchObject({ 'measure.clamped-low': 0, 'measure.clamped-high': 0 });
  });

  it('reports in an interval only what came since the last one', () => {
    const recorder = newRecorder();
    recorder.record('order.latency', 100);
    recorder.record('lock.wait', 100);
    recorder.count('lock.attempts');
    recorder.peak('cache.concurrent-loads', 1);
    const first = recorder.interval();
    expect(first).toEqual({
      histograms: snapshotOf([100]).histograms,
      counters: { 'lock.attempts': 1 },
      peaks: {},
    });
    expect(recorder.interval()).toEqual(EMPTY_SNAPSHOT);
    recorder.record('order.latency', 200);
    expect(latencyOf(recorder.interval())).toMatchObject({ count: 1, max: 200 });
    expect(latencyOf(recorder.total()).count).toBe(2);
  });

  it('lets further metrics travel, with all their series', () => {
    const recorder = new Recorder({ metrics: ['schedule.lag'], counters: [], intervals: ['lock.wait'] });
    onTestFinished(() => recorder.destroy());
    recorder.record('lock.wait', 100);
    recorder.record('schedule.lag', 5);
    expect(Object.keys(recorder.interval().histograms)).toEqual(['lock.wait']);
    expect(recorder.interval().histograms).toEqual({});
    recorder.record('lock.wait', 300);
    expect(summarize(recorder.interval().histograms['lock.wait'])).toMatchObject({ count: 1, max: 300 });
    expect(summarize(recorder.total().histograms['lock.wait'])).toMatchObject({ count: 2, min: 100 });
  });

  it('drops the warm-up at a reset, reported or not', () => {
    const recorder = newRecorder();
    recorder.record('order.latency', 1_000_000);
    recorder.count('iterations.completed', 10);
    recorder.interval();
    recorder.record('order.latency', 2_000_000);
    recorder.record('lock.wait', 2_000_000);
    recorder.count('iterations.completed', 10);
    recorder.peak('cache.concurrent-loads', 99);
    recorder.reset();
    expect(recorder.interval()).toEqual(EMPTY_SNAPSHOT);
    recorder.record('order.latency', 5);
    recorder.count('iterations.completed');
    const { histograms, counters, peaks } = recorder.total();
    expect(histograms).toEqual(snapshotOf([5]).histograms);
    expect(counters['iterations.completed']).toBe(1);
    expect(peaks).toEqual({});
  });

  it('has intervals that add up to the total, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 5 }), durations, (reported, rest) => {
        const recorder = new Recorder({ metrics: [], counters: ['iterations.completed'] });
        const measure = (values: readonly number[]) => {
          for (const value of values) recorder.record('order.latency', value);
          recorder.count('iterations.completed', values.length);
        };
        const intervals = reported.map((values) => {
          measure(values);
          return recorder.interval();
        });
        measure(rest);
        const total = recorder.total();
        const sum = mergeSnapshots(mergeAll(intervals), recorder.interval());
        recorder.destroy();
        expect(sum.histograms).toEqual(total.histograms);
        const completed = [...reported, rest].flat().length;
        expect(total.counters['iterations.completed']).toBe(completed);
        expect(sum.counters['iterations.completed'] ?? 0).toBe(completed);
      }),
    );
  });
});

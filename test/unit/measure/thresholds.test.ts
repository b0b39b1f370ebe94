import { describe, expect, it } from 'vitest';
import { summarize } from '../../../src/measure/summary.ts';
import { evaluateThresholds } from '../../../src/measure/thresholds.ts';
import type { Figures } from '../../../src/measure/thresholds.ts';
import { parseThreshold } from '../../../src/scenarios/thresholds.ts';
import { snapshotOf } from './values.ts';

const FIGURES: Figures = {
  latency: {
    'order.latency': summarize(snapshotOf([100, 200, 300]).histograms['order.latency']),
    'lock.wait': summarize(undefined),
  },
  counters: {
    'orders.attempted': 200,
    'orders.accepted': 150,
    'orders.failed': 0,
    'cache.hits': 0,
    'cache.reads': 0,
    'iterations.completed': 90,
    'iterations.dropped': 10,
  },
  durationMs: 2_000,
};

const evaluate = (text: string, figures = FIGURES) => evaluateThresholds([parseThreshold(text)], figures)[0]!;

describe('evaluateThresholds', () => {
  it.each([
    ['order.latency:p50<201us', 'passed', 200],
    ['order.latency:p50<200us', 'failed', 200],
    ['order.latency:p50<=200us', 'passed', 200],
    ['order.latency:p50>199us', 'passed', 200],
    ['order.latency:p50>200us', 'failed', 200],
    ['order.latency:p50>=200us', 'passed', 200],
    ['order.latency:p50>=201us', 'failed', 200],
    ['order.latency:min<1ms', 'passed', 100],
    ['order.latency:mean<1ms', 'passed', 200],
    ['order.latency:p999<1ms', 'passed', 300],
    ['order.latency:max<0.2ms', 'failed', 300],
    ['orders.accepted:count>=150', 'passed', 150],
    ['orders.accepted:rate>100/s', 'failed', 75],
    ['orders.accepted:share>=75%', 'passed', 0.75],
    ['orders.failed:count<1', 'passed', 0],
    ['orders.failed:share<0.1%', 'passed', 0],
    ['iterations.dropped:share<5%', 'failed', 0.1],
  ])('%s has %s: %d', (text, verdict, actual) => {
    expect(evaluate(text)).toEqual({ text, verdict, actual });
  });

  it.each([
    ['a metric without values', 'lock.wait:p99<1s'],
    ['a metric that was not measured', 'schedule.lag:p99<1s'],
    ['a count that was not counted', 'queue.published:count>=0'],
    ['a rate that was not counted', 'queue.published:rate>=0'],
    ['a share of nothing', 'cache.hits:share>=0%'],
  ])('is unknown for %s', (_, text) => {
    expect(evaluate(text)).toEqual({ text, verdict: 'unknown', actual: null });
  });

  it('has no rate of a load that never ran', () => {
    expect(evaluate('orders.accepted:rate>=0', { ...FIGURES, durationMs: 0 }).verdict).toBe('unknown');
  });

  it('answers in the order of the thresholds', () => {
    const texts = ['orders.failed:count<1', 'order.latency:p50<1us'];
    expect(evaluateThresholds(texts.map(parseThreshold), FIGURES).map(({ text }) => text)).toEqual(texts);
    expect(evaluateThresholds([], FIGURES)).toEqual([]);
  });
});

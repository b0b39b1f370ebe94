import { describe, expect, it } from 'vitest';
import { evaluateThreshold, isWorse, type Figures } from '../../../src/measure/thresholds.ts';
import { parseThreshold } from '../../../src/scenarios/thresholds.ts';
import { snapshotOf } from './values.ts';

const valuesOf = (values: readonly number[]) => snapshotOf(values).histograms['order.latency']!;

const FIGURES: Figures = {
  histograms: {
    'order.latency': valuesOf([100, 200, 300]),
    'step.latency{outcome:done,step:pay}': valuesOf([10, 20]),
    'step.latency{outcome:failed,step:pay}': valuesOf([900]),
    'step.latency{outcome:accepted,step:place}': valuesOf([7]),
    'step.latency-of-another': valuesOf([1]),
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

const evaluate = (text: string, figures = FIGURES) => evaluateThreshold(parseThreshold(text), figures);

describe('evaluateThreshold', () => {
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
    ['order.latency:p99.99<1ms', 'passed', 300],
    ['order.latency:p1<1ms', 'passed', 100],
    ['order.latency:max<0.2ms', 'failed', 300],
    ['order.latency:total<=599us', 'failed', 600],
    ['order.latency:count>=3', 'passed', 3],
    ['order.latency:rate>=2', 'failed', 1.5],
    ['step.latency:max<1ms', 'passed', 900],
    ['step.latency{step:pay}:max<1ms', 'passed', 900],
    ['step.latency{step:pay}:count<3', 'failed', 3],
    ['step.latency{outcome:done}:max<21us', 'passed', 20],
    ['step.latency{outcome:failed,step:pay}:p50<1ms', 'passed', 900],
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
    ['tags that no series has', 'step.latency{step:browse}:count<1'],
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

  it('knows which of two values is further from what is asked for', () => {
    const [below, above] = ['order.latency:p50<1us', 'orders.accepted:rate>=1'].map(parseThreshold);
    expect([
      isWorse(below!, 2, 1),
      isWorse(below!, 1, 2),
      isWorse(above!, 1, 2),
      isWorse(above!, 2, 1),
    ]).toEqual([true, false, true, false]);
  });
});

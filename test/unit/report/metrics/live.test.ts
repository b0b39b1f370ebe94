import { describe, expect, it } from 'vitest';
import type { LiveMetrics } from '../../../../src/report/metrics/live.ts';
import type { Metric } from '../../../../src/report/metrics/model.ts';
import { prometheusText } from '../../../../src/report/metrics/prometheus-text.ts';
import { EMPTY_SNAPSHOT } from '../../../../src/measure/snapshot.ts';
import { snapshotOf } from '../../measure/values.ts';
import { newLiveMetrics } from '../../../support/live-metrics.ts';
import { resultFixture } from '../../../support/result-fixture.ts';

const figures = {
  elapsedMs: 2_500,
  totalMs: null,
  iterationsPerSecond: 0,
  p99Us: null,
  stockLeft: null,
  queueDepth: 3,
  cacheHitRatio: null,
  inFlight: 7,
};

const textOf = (live: LiveMetrics) => prometheusText(live.metrics(), { scenario: live.labels['scenario']! });

const counterOf = (metrics: readonly Metric[], name: string) => {
  const events = metrics.find((metric) => metric.name === 'events')!;
  return events.type === 'counter' && events.points.find(({ labels }) => labels['metric'] === name)?.value;
};

describe('live metrics', () => {
  it('begin with counters at 0, and no figure that nobody knows', () => {
    const live = newLiveMetrics();
    expect(live.runId).toBeUndefined();
    expect(live.metrics().map(({ name }) => name)).toEqual(['events']);
    expect(counterOf(live.metrics(), 'orders.accepted')).toBe(0);
  });

  it('add up what all workers measured', () => {
    const live = newLiveMetrics();
    live.add('r1', { ...snapshotOf([90, 100]), counters: { 'orders.accepted': 2 } });
    live.add('r1', { ...snapshotOf([30_000_000, 60_000_000]), counters: { 'orders.accepted': 3 } });
    live.show(figures);
    const text = textOf(live);
    expect(live.runId).toBe('r1');
    for (const line of [
      '# TYPE trade_sim_events_total counter',
      'trade_sim_events_total{scenario="flash-sale",metric="orders.accepted"} 5',
      '# TYPE trade_sim_latency_seconds histogram',
      'trade_sim_latency_seconds_bucket{scenario="flash-sale",metric="order.latency",le="0.0001"} 2',
      'trade_sim_latency_seconds_bucket{scenario="flash-sale",metric="order.latency",le="10"} 2',
      'trade_sim_latency_seconds_bucket{scenario="flash-sale",metric="order.latency",le="30"} 3',
      'trade_sim_latency_seconds_bucket{scenario="flash-sale",metric="order.latency",le="+Inf"} 4',
      'trade_sim_latency_seconds_count{scenario="flash-sale",metric="order.latency"} 4',
      'trade_sim_elapsed_seconds{scenario="flash-sale"} 2.5',
      'trade_sim_in_flight{scenario="flash-sale"} 7',
      'trade_sim_queue_depth{scenario="flash-sale"} 3',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).not.toContain('stock_left');
  });

  it('take a series apart into labels', () => {
    const live = newLiveMetrics();
    live.add('r1', { ...EMPTY_SNAPSHOT, counters: { 'step.failed{step:place}': 4 } });
    expect(textOf(live)).toContain(
      'trade_sim_events_total{scenario="flash-sale",metric="step.failed",step="place"} 4',
    );
  });

  it('are the whole result when the run is over', () => {
    const live = newLiveMetrics();
    live.add('k3v9x2ab', { ...EMPTY_SNAPSHOT, counters: { 'orders.accepted': 900, 'cost.messages': 5 } });
    const result = resultFixture();
    live.end(result);
    expect(counterOf(live.metrics(), 'orders.accepted')).toBe(1_000);
    expect(counterOf(live.metrics(), 'cost.messages')).toBe(5);
    const measured = Object.values(result.latency).filter(({ count }) => count > 0);
    expect(live.metrics().find(({ name }) => name === 'latency')!.points).toHaveLength(measured.length);
    expect(textOf(live)).toContain('trade_sim_exit_code{scenario="flash-sale"} 0');
  });
});

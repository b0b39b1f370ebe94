import { describe, expect, it } from 'vitest';
import { otlpDataOf } from '../../../../src/report/metrics/otlp-data.ts';
import { otlpTargetOf } from '../../../../src/report/metrics/otlp-target.ts';
import { newLiveMetrics } from '../../../support/live-metrics.ts';
import { snapshotOf } from '../../measure/values.ts';

describe('the URL of a collector', () => {
  it('has the usual path, unless it has one', () => {
    expect(otlpTargetOf('http://127.0.0.1:4318', false)).toEqual({
      url: 'http://127.0.0.1:4318/v1/metrics',
      headers: {},
      where: '127.0.0.1:4318',
    });
    expect(otlpTargetOf('http://[::1]:4318/otel/', false).url).toBe('http://[::1]:4318/otel/');
  });

  it('gives its credentials in a header, and never in words', () => {
    const target = otlpTargetOf('http://user:p%40ss@localhost:4318/', false);
    expect(target).toEqual({
      url: 'http://localhost:4318/v1/metrics',
      headers: { authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}` },
      where: 'localhost:4318',
    });
  });

  it.each([
    ['grpc://127.0.0.1:4317', 'not an http: or https: URL'],
    ['127.0.0.1:4318', 'not an http: or https: URL'],
    ['http://secret-token@127.0.0.1:4318', 'a user without a password'],
    ['http://collector.example:4318', 'is not on this machine'],
    ['http://u:secret-token@10.0.0.1:4318', 'is not on this machine'],
  ])('is refused without being repeated: %s', (url, message) => {
    expect(() => otlpTargetOf(url, false)).toThrow(message);
    expect(() => otlpTargetOf(url, false)).not.toThrow('secret-token');
  });

  it('may be elsewhere when that is allowed', () => {
    expect(otlpTargetOf('https://collector.example', true).where).toBe('collector.example');
  });
});

describe('the data', () => {
  const live = newLiveMetrics();
  live.add('r1', { ...snapshotOf([90, 20_000_000, 60_000_000]), counters: { 'orders.accepted': 2 } });
  const data = otlpDataOf(live, { startMs: 1_500, endMs: 4_000 });
  const metrics = data.scopeMetrics[0]!.metrics;
  const named = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name)!;

  it('say what the run is', () => {
    expect(data.resource.attributes).toMatchObject({
      'service.name': 'trade-sim',
      'service.instance.id': 'r1',
      'trade_sim.scenario': 'flash-sale',
      'trade_sim.lock': 'token',
    });
  });

  it('have sums that only grow, over the time of the run', () => {
    const events = named('trade_sim.events');
    expect(events).toMatchObject({ isMonotonic: true });
    expect(events.dataPoints).toContainEqual({
      startTime: [1, 500_000_000],
      endTime: [4, 0],
      attributes: { metric: 'orders.accepted' },
      value: 2,
    });
  });

  it('have histograms with a count of its own for each bucket', () => {
    const latency = named('trade_sim.latency');
    expect(latency.descriptor.unit).toBe('s');
    const { value } = latency.dataPoints[0] as unknown as {
      value: { count: number; max: number; buckets: { boundaries: number[]; counts: number[] } };
    };
    expect(value.count).toBe(3);
    expect(value.buckets.counts).toHaveLength(value.buckets.boundaries.length + 1);
    expect(value.buckets.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect([value.buckets.counts[0], value.buckets.counts.at(-2), value.buckets.counts.at(-1)]).toEqual([
      1, 1, 1,
    ]);
    expect(value.max).toBeCloseTo(60, 0);
  });
});

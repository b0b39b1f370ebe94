import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { withDecoded } from '../../../src/measure/histogram.ts';
import { renderCsv } from '../../../src/report/csv.ts';
import { FORMS } from '../../../src/report/forms.ts';
import { renderHlog } from '../../../src/report/hlog.ts';
import { renderPrometheus } from '../../../src/report/prometheus.ts';
import { resultFixture } from '../../support/result-fixture.ts';
import { hostile } from '../../support/result-variants.ts';

describe.each(Object.entries(FORMS))('%s', (_form, render) => {
  it('shows no password, and ends with a line', () => {
    const text = render(hostile());
    expect(text).not.toContain('hunter2');
    expect(text.endsWith('\n')).toBe(true);
  });
});

describe('csv', () => {
  it('is the timeline, an empty cell where there is no value', () => {
    const [row] = resultFixture().timeline;
    const { iterations, accepted } = row!;
    const nothing = { p50: null, p99: null, cacheHitRatio: null, stockLeft: null, queueDepth: null };
    const timeline = [row!, { atMs: 2_000, iterations, accepted, ...nothing }];
    expect(renderCsv(resultFixture({ timeline })).split('\r\n')).toEqual([
      'at_ms,iterations,accepted,p50_us,p99_us,cache_hit_ratio,stock_left,cache_loads,queue_depth,persist_lag_p99_us',
      '1000,10420,1000,9500,28000,0.97,0,400,120,37200',
      '2000,10420,1000,,,,,,,',
      '',
    ]);
  });
});

describe('hlog', () => {
  const text = renderHlog(resultFixture());

  it('has a line for each metric that has values, under its tag', () => {
    const { latency } = resultFixture();
    const measured = Object.keys(latency).filter((metric) => latency[metric]!.count > 0);
    expect(listTags(text)).toEqual(measured);
    expect(text).not.toContain('\n\n');
  });

  it('is read back as the same histograms, over the time of the load', () => {
    const { latency, run } = resultFixture();
    const reader = new HistogramLogReader(text, 64, false);
    const histogram = reader.nextIntervalHistogram()!;
    const { count, hdr } = latency['order.latency'];
    expect(histogram.tag).toBe('order.latency');
    expect(histogram.totalCount).toBe(count);
    for (const percentile of [0, 50, 99, 99.99, 100])
      expect(histogram.getValueAtPercentile(percentile)).toBe(
        withDecoded(hdr, (saved) => saved.getValueAtPercentile(percentile)),
      );
    expect(histogram.startTimeStampMsec).toBe(Date.parse(run.startedAt));
    expect(histogram.endTimeStampMsec - histogram.startTimeStampMsec).toBeCloseTo(run.durationMs, 0);
  });

  it('keeps to its columns whatever a metric is called', () => {
    const lines = renderHlog(hostile())
      .split('\n')
      .filter((line) => line.startsWith('Tag='));
    for (const line of lines) expect(line).toMatch(/^Tag=[^,\s=]+(?:,[\d.]+){3},[A-Za-z0-9+/=]+$/);
  });
});

describe('prometheus', () => {
  /** name, labels, value: as the format says, with the escapes of label values. */
  const SAMPLE = /^[a-z_]+\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\} (?:NaN|-?[\d.]+(?:e[+-]?\d+)?)$/;

  it.each([
    ['a plain result', resultFixture()],
    ['a hostile one', hostile()],
  ])('is well formed: %s', (_name, result) => {
    for (const line of renderPrometheus(result).trimEnd().split('\n'))
      expect(line).toMatch(line.startsWith('#') ? /^# (?:HELP|TYPE) [a-z_]+ \S/ : SAMPLE);
  });

  it('says each family once, before its samples', () => {
    const names = renderPrometheus(resultFixture())
      .split('\n')
      .flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('trade_sim_latency_seconds');
  });

  it('says how the load generator fared', () => {
    const { generator } = resultFixture();
    const lines = renderPrometheus(
      resultFixture({ generator: { ...generator, saturated: true, stealRatio: null } }),
    ).split('\n');
    expect(lines).toContain('trade_sim_generator_over_limits{scenario="flash-sale"} 1');
    expect(lines).toContain('trade_sim_generator_ratio{scenario="flash-sale",figure="cpu"} 0.58');
    expect(lines).toContain('trade_sim_generator_ceiling_per_second{scenario="flash-sale"} 512400');
    expect(lines.filter((line) => line.includes('figure="steal"'))).toEqual([]);
  });

  it('gives counts, durations in seconds, and what was found', () => {
    const text = renderPrometheus(
      resultFixture({ thresholds: [{ text: 'lock.wait:p50<1ms', verdict: 'unknown', actual: null }] }),
    );
    for (const line of [
      'trade_sim_events{scenario="flash-sale",metric="orders.sold-out"} 300000',
      'trade_sim_latency_seconds{scenario="flash-sale",metric="order.latency",quantile="0.99"} 0.0288',
      'trade_sim_latency_seconds{scenario="flash-sale",metric="schedule.lag",quantile="0.99"} NaN',
      'trade_sim_latency_seconds_count{scenario="flash-sale",metric="order.latency"} 312650',
      'trade_sim_invariant_held{scenario="flash-sale",invariant="no-oversell"} 1',
      'trade_sim_threshold_passed{scenario="flash-sale",threshold="lock.wait:p50<1ms"} NaN',
    ])
      expect(text.split('\n')).toContain(line);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, newHistogram } from '../../../src/measure/histogram.ts';
import { type LatencySummary, summarize } from '../../../src/measure/summary.ts';
import { mergeResults } from '../../../src/report/merge.ts';
import { type Result, resultSchema } from '../../../src/report/model.ts';
import { resultFixture } from '../../support/result-fixture.ts';
import { durations } from '../measure/values.ts';

const round = (id: string, changes: Partial<Result> = {}): Result => {
  const result = resultFixture(changes);
  return { ...result, run: { ...result.run, id } };
};

const withLatency = (id: string, summary: LatencySummary): Result =>
  round(id, { latency: { ...resultFixture().latency, 'order.latency': summary } });

const summaryOf = (values: readonly number[]): LatencySummary => {
  const histogram = newHistogram();
  for (const value of values) histogram.recordValue(value);
  const summary = summarize(values.length === 0 ? undefined : encode(histogram));
  histogram.destroy();
  return summary;
};

const withAudit = (id: string, verdict: 'held' | 'violated' | 'unknown', offenders: string[] = []): Result =>
  round(id, {
    audit: resultFixture().audit.map((entry, index) =>
      index === 0 ? { ...entry, verdict, detail: `it is ${verdict}`, offenders } : entry,
    ),
  });

describe('a merge', () => {
  it('of one result is that result', () => {
    const one = round('a');
    expect(mergeResults([one])).toBe(one);
  });

  it('loses nothing of the histograms: it is the summary of all values', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const merged = mergeResults([withLatency('a', summaryOf(a)), withLatency('b', summaryOf(b))]);
        expect(merged.latency['order.latency']).toEqual(summaryOf([...a, ...b]));
      }),
      { numRuns: 30 },
    );
  });

  it('adds up counts, and gives rates over the time of all runs', () => {
    const base = resultFixture();
    const other = round('b', {
      orders: { ...base.orders, accepted: 500, soldOutAtMs: 90 },
      cache: { ...base.cache, lostWrites: 2 },
    });
    const { orders, run, cache, queue, stockTotal, iterations } = mergeResults([round('a'), other]);
    expect(orders).toMatchObject({ attempted: 625_300, accepted: 1_500, soldOut: 600_000, soldOutAtMs: 90 });
    expect(run).toMatchObject({ id: 'a+b', durationMs: 60_024 });
    expect(orders.acceptedPerSecond).toBeCloseTo(1_500 / 60.024, 9);
    expect(iterations.completed).toBe(625_300);
    expect(cache).toMatchObject({ reads: 1_250_600, peakConcurrentLoads: 3, lostWrites: 2 });
    expect(queue.delivered).toBe(2_000);
    expect(stockTotal).toMatchObject({ skus: 1, initial: 2_000, reserved: 2_000 });
  });

  it('weighs what an order cost by the orders', () => {
    const { cost, orders } = resultFixture();
    const cheap = round('b', {
      cost: { ...cost, cpuMsPerOrder: 0.02 },
      orders: { ...orders, attempted: 3 * orders.attempted },
    });
    const merged = mergeResults([round('a'), cheap]);
    expect(merged.cost.cpuMsPerOrder).toBeCloseTo((0.12 + 3 * 0.02) / 4, 12);
  });

  it('is a result like any other', () => {
    expect(() => resultSchema.parse(mergeResults([round('a'), round('b')]))).not.toThrow();
  });

  it('may be merged again, to the same figures', () => {
    const [a, b, c] = [round('a', { model: { P: 0.5, Q: 1, C: 1 } }), round('b'), round('c')];
    const { reasons: _, notes, ...stepwise } = mergeResults([mergeResults([a, b]), c]);
    const { reasons: _all, notes: notesAtOnce, ...atOnce } = mergeResults([a, b, c]);
    expect(notes).toEqual(notesAtOnce);
    expect(stepwise.latency).toEqual(atOnce.latency);
    expect(stepwise.orders).toEqual(atOnce.orders);
    expect(stepwise.timeline).toEqual(atOnce.timeline);
    expect(stepwise.model.P).toBeCloseTo((0.5 + 0.9917 + 0.9917) / 3, 12);
    expect(atOnce.model.P).toBeCloseTo((0.5 + 0.9917 + 0.9917) / 3, 12);
  });

  it('says what it leaves out', () => {
    const { notes, lock, timeline } = mergeResults([round('a'), round('b')]);
    expect(notes[0]).toContain('2 runs in one');
    expect(notes.join('\n')).toMatch(/latency and cache hits by the second, and the serial bound/);
    expect(lock.serialBound).toBeUndefined();
    expect(timeline[0]).toEqual({
      atMs: 1_000,
      iterations: 20_840,
      accepted: 2_000,
      p50: null,
      p99: null,
      cacheHitRatio: null,
      stockLeft: 0,
      cacheLoads: 800,
      queueDepth: 240,
      persistLagP99: null,
    });
    const slow = resultFixture().timeline.map((row) => ({ ...row, atMs: row.atMs * 2 }));
    const uneven = mergeResults([round('a'), round('b', { timeline: slow })]);
    expect(uneven.timeline).toEqual([]);
    expect(uneven.notes.join('\n')).toContain('no timeline');
  });
});

describe('the verdict of a merge', () => {
  it('is violated as soon as one run is, and says in which', () => {
    const merged = mergeResults([withAudit('a', 'held'), withAudit('b', 'violated', ['order 7'])]);
    expect(merged).toMatchObject({ verdict: 'violated', exitCode: 4 });
    expect(merged.audit[0]).toMatchObject({
      verdict: 'violated',
      detail: 'run b: it is violated',
      offenders: ['run b: order 7'],
    });
  });

  it('is no pass where a run could not be judged, or did not audit', () => {
    const doubtful = mergeResults([withAudit('a', 'held'), withAudit('b', 'unknown')]);
    expect([doubtful.verdict, doubtful.exitCode]).toEqual(['inconclusive', 7]);
    const [, ...others] = resultFixture().audit;
    const partial = mergeResults([round('a'), round('b', { audit: others })]);
    expect(partial.audit[0]).toMatchObject({
      verdict: 'unknown',
      detail: expect.stringContaining('not audited'),
    });
  });

  it('keeps a lost service and an early end', () => {
    const lost: Partial<Result> = {
      ...withAudit('b', 'unknown'),
      verdict: 'service-lost',
      exitCode: 3,
      reasons: ['RabbitMQ was lost in mid-run, and not everything could be audited'],
    };
    expect(mergeResults([round('a'), round('b', lost)]).verdict).toBe('service-lost');
    expect(mergeResults([round('a'), round('b', { interrupted: true })]).verdict).toBe('interrupted');
  });

  it('judges thresholds over all runs', () => {
    const thresholds = (actual: number): Result['thresholds'] => [
      { text: 'order.latency:p90<25ms', verdict: actual < 25_000 ? 'passed' : 'failed', actual },
      { text: 'orders.accepted:count>=1500', verdict: 'failed', actual: 1_000 },
      { text: 'queue.in-time:count>1', verdict: 'passed', actual: 1_000 },
    ];
    const slow = { ...withLatency('b', summaryOf([30_000])), thresholds: thresholds(30_000) };
    const merged = mergeResults([round('a', { thresholds: thresholds(19_200) }), slow]);
    expect(merged.thresholds.map(({ verdict }) => verdict)).toEqual(['passed', 'passed', 'unknown']);
    expect(merged.thresholds[1]!.actual).toBe(2_000);
  });
});

describe('what cannot be judged anew', () => {
  const windowed = (id: string, found: Partial<Result['thresholds'][number]>) =>
    round(id, {
      thresholds: [
        {
          text: 'order.latency:p99<1s over 10s',
          verdict: 'passed',
          actual: 100,
          windowEndMs: 12_000,
          ...found,
        },
        { text: 'generator.busy:share<90%', verdict: 'passed', actual: 0.5 },
      ],
    });

  it('is the worst of the runs: a window, or a figure of the generator', () => {
    const merged = mergeResults([windowed('a', {}), windowed('b', { actual: 300, windowEndMs: 15_000 })]);
    expect(merged.thresholds).toEqual([
      { text: 'order.latency:p99<1s over 10s', verdict: 'passed', actual: 300, windowEndMs: 15_000 },
      { text: 'generator.busy:share<90%', verdict: 'passed', actual: 0.5 },
    ]);
    const failed = windowed('c', { verdict: 'failed', actual: 2_000_000 });
    expect(mergeResults([failed, windowed('d', { verdict: 'unknown', actual: null })]).verdict).toBe(
      'threshold-failed',
    );
    expect(
      mergeResults([windowed('e', {}), windowed('f', { verdict: 'unknown', actual: null })]).verdict,
    ).toBe('inconclusive');
  });
});

describe('the load generator of several runs', () => {
  const { generator } = resultFixture();
  const arrivals = { duePerSecond: 9, begunPerSecond: 9, begunRatio: 1, droppedRatio: 0, latenessP99Ms: 1 };

  it('is the worst of them, with the reasons of all', () => {
    const merged = mergeResults([
      round('a', { generator: { ...generator, arrivals, ceilingPerSecond: 900, gcPauses: 90 } }),
      round('b', {
        generator: {
          ...generator,
          stealRatio: 0.2,
          arrivals: { ...arrivals, begunRatio: 0.5 },
          ceilingPerSecond: null,
          saturated: true,
          reasons: ['half of them came'],
        },
      }),
    ]);
    expect(merged.generator).toMatchObject({
      gcPauses: 90,
      stealRatio: 0.2,
      ceilingPerSecond: 900,
      arrivals: { begunRatio: 0.5 },
      saturated: true,
      reasons: ['run b: half of them came'],
    });
    expect(merged.verdict).toBe('inconclusive');
  });

  it('may be of earlier versions, which say less', () => {
    const { eventLoopUtilization, loopDelayP99Ms, gcPauseMs } = generator;
    const early = { eventLoopUtilization, loopDelayP99Ms, gcPauseMs, saturated: false };
    const { generator: merged } = mergeResults([
      round('a', { generator: early }),
      round('b', { generator: early }),
    ]);
    expect(merged).toMatchObject({
      cpuRatio: null,
      stealRatio: null,
      arrivals: null,
      ceilingPerSecond: null,
    });
  });
});

describe('runs that do not belong together', () => {
  const { run } = resultFixture();
  it.each([
    ['another scenario', { run: { ...run, scenario: 'checkout' } }, 'two scenarios, flash-sale and checkout'],
    [
      'another configuration',
      { run: { ...run, configuration: { engine: {} } } },
      'differ in more than their seed',
    ],
    [
      'another kind of service',
      { run: { ...run, services: { ...run.services, redis: { origin: 'embedded', version: 'model' } } } },
      'differ in more than their seed',
    ],
  ] satisfies [string, Partial<Result>, string][])('are refused: %s', (_name, changes, message) => {
    expect(() => mergeResults([round('a'), round('b', changes)])).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }),
    );
  });

  it('are refused when one is there twice, even within a merged one', () => {
    const merged = mergeResults([round('a'), round('b')]);
    for (const results of [
      [round('a'), round('a')],
      [merged, round('b')],
    ])
      expect(() => mergeResults(results)).toThrow(/run [ab] is given twice/);
  });

  it('may differ in their seed', () => {
    const seeded = (id: string, seed: number) => {
      const result = round(id);
      return { ...result, run: { ...result.run, seed, configuration: { ...run.configuration, seed } } };
    };
    expect(mergeResults([seeded('a', 1), seeded('b', 2)]).notes).toContain('seeds 1, 2');
  });
});

describe('failures', () => {
  const failure = (reason: string, count: number): Result['failures'][number] => ({
    outcome: 'failed',
    reason,
    count,
  });

  it('of the same reason are counted together, the most frequent ones first', () => {
    const merged = mergeResults([
      round('a', { failures: [failure('redis: gone', 5), failure('rare', 1)] }),
      round('b', { failures: [failure('amqp: gone', 7), failure('redis: gone', 4)] }),
    ]);
    expect(merged.failures).toEqual([
      failure('redis: gone', 9),
      failure('amqp: gone', 7),
      failure('rare', 1),
    ]);
  });

  it('are cut to ten, and then it is said', () => {
    const many = Array.from({ length: 10 }, (_, index) => failure(`reason ${index}`, index + 1));
    const merged = mergeResults([
      round('a', { failures: many }),
      round('b', { failures: [failure('other', 99)] }),
    ]);
    expect(merged.failures).toHaveLength(10);
    expect(merged.failures[0]).toEqual(failure('other', 99));
    expect(merged.notes.join('\n')).toContain('only the ten most frequent reasons');
  });
});

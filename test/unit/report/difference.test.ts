import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../../src/report/difference/build.ts';
import { DIFFERENCE_FORMS, renderDifference } from '../../../src/report/difference/forms.ts';
import { mergeResults } from '../../../src/report/merge.ts';
import type { Result } from '../../../src/report/model.ts';
import { displayWidth } from '../../../src/report/text.ts';
import { latencySummary, resultFixture } from '../../support/result-fixture.ts';
import { hostile, violated } from '../../support/result-variants.ts';

const between = (a: Result, b: Result) =>
  differenceOf({ name: 'a.json', result: a }, { name: 'b.json', result: b });

const slower = (): Result => {
  const base = resultFixture();
  return resultFixture({
    orders: { ...base.orders, acceptedPerSecond: 30, soldOutAtMs: null },
    latency: {
      ...base.latency,
      'order.latency': latencySummary(300_000, 10_560),
      'schedule.lag': latencySummary(9, 5),
    },
    run: {
      ...base.run,
      id: 'b',
      configuration: {
        catalog: { skus: 1, stockPerSku: 1_000 },
        engine: { lock: 'fifo', nodes: 3 },
        seed: [7],
      },
      services: { ...base.run.services, redis: { origin: 'given', version: '7.2.1' } },
    },
  });
};

const terminal = (a: Result, b: Result) => renderDifference(between(a, b), { columns: 80, color: false });

describe('two results', () => {
  it('differ in their figures and percentiles', () => {
    const { figures, latency } = between(resultFixture(), slower());
    expect(figures.find(({ name }) => name === 'orders accepted')).toMatchObject({ a: 33.3, b: 30 });
    expect(figures.find(({ name }) => name === 'first sold out')).toMatchObject({ a: 430, b: null });
    expect(latency.find(({ metric }) => metric === 'order.latency')).toMatchObject({
      count: { a: 312_650, b: 300_000 },
      p99: { a: 28_800, b: 31_680 },
    });
    expect(latency.find(({ metric }) => metric === 'schedule.lag')).toMatchObject({
      count: { a: 0, b: 9 },
      p50: { a: null, b: 5 },
    });
  });

  it('differ in fields of their configuration, by path, and in nothing that is equal', () => {
    expect(between(resultFixture(), slower()).configuration).toEqual([
      { field: 'engine.lock', a: 'token', b: 'fifo' },
      { field: 'engine.stock', a: 'lua', b: null },
      { field: 'engine.nodes', a: null, b: 3 },
      { field: 'seed.0', a: null, b: 7 },
    ]);
    expect(between(resultFixture(), resultFixture())).toMatchObject({ configuration: [], environment: [] });
  });

  it('differ in what is around them; other machines are a warning', () => {
    const { environment, machinesDiffer } = between(resultFixture(), slower());
    expect(environment).toEqual([{ what: 'redis', a: '7.0.15 (local)', b: '7.2.1 (given)' }]);
    expect(machinesDiffer).toBe(false);
    const elsewhere = resultFixture({ environment: { ...resultFixture().environment, cores: 8 } });
    expect(between(resultFixture(), elsewhere).machinesDiffer).toBe(true);
    expect(terminal(resultFixture(), elsewhere)).toContain('measured on two machines');
    expect(terminal(resultFixture(), resultFixture())).toContain('the same machine, versions and services');
  });

  it('differ in what was found', () => {
    expect(between(resultFixture(), violated()).findings).toContainEqual({
      name: 'no-oversell',
      a: 'held',
      b: 'violated',
    });
    const { generator } = resultFixture();
    const busy = resultFixture({ thresholds: [], generator: { ...generator, saturated: true } });
    const { findings } = between(resultFixture(), busy);
    expect(findings).toContainEqual({ name: 'load generator', a: 'healthy', b: 'over its limits' });
    expect(findings).toContainEqual({ name: 'orders.failed:share<0.1%', a: 'passed', b: null });
  });
});

describe('the comparison', () => {
  it('has the ratio beside each pair, and says what it does not prove', () => {
    const text = terminal(resultFixture(), slower());
    expect(text).toMatch(/orders accepted +33\.3\/s +30\.0\/s +×0\.901/);
    expect(text).toMatch(/order\.latency +A +312,650 +9\.60ms/);
    expect(text).toMatch(/× +×0\.96 +×1\.1 +×1\.1/);
    expect(text).toMatch(/Two single runs prove no regression/);
    expect(text).toContain('trade-sim gate');
  });

  it('fits a terminal of 80 columns', () => {
    for (const result of [slower(), hostile()])
      for (const line of terminal(resultFixture(), result).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });

  it('says of merged results of how many runs they are', () => {
    const { run } = resultFixture();
    const merged = mergeResults([resultFixture(), resultFixture({ run: { ...run, id: 'other' } })]);
    expect(terminal(merged, merged)).toMatch(/in 2 runs/);
    expect(terminal(merged, merged)).not.toContain('single runs');
  });

  it.each(Object.entries(DIFFERENCE_FORMS))('is safe to look at: %s', (form, render) => {
    const text = render(between(resultFixture(), hostile()));
    expect(text).not.toContain('hunter2');
    if (form !== 'json') expect(text).not.toContain('<img');
    expect(text.endsWith('\n')).toBe(true);
  });
});

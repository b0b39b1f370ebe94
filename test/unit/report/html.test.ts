import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../src/report/html.ts';
import { mergeResults } from '../../../src/report/merge.ts';
import type { Result } from '../../../src/report/model.ts';
import { hourLong, hostile, violated } from '../../support/result-variants.ts';
import { resultFixture } from '../../support/result-fixture.ts';

const scriptsOf = (page: string) =>
  Array.from(page.matchAll(/<script(?<attributes>[^>]*)>(?<text>.*?)<\/script>/gs), ({ groups }) => ({
    attributes: groups!['attributes']!,
    text: groups!['text']!,
  }));

const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What a person reads: without scripts, style and tags. */
const textOf = (page: string): string =>
  page
    .replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gs, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');

const chartsOf = (page: string) =>
  scriptsOf(page)
    .filter(({ attributes }) => attributes.includes('application/json'))
    .map(
      ({ text }) =>
        JSON.parse(text) as {
          id: string;
          x: { values: number[] };
          series: { label: string; values: (number | null)[] }[];
          marks: { at: number }[];
        },
    );

describe('the page', () => {
  it('lets only its own scripts and style run, and nothing out', () => {
    const page = renderHtml(resultFixture());
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(page)![1]!;
    const code = scriptsOf(page).filter(({ attributes }) => !attributes.includes('application/json'));
    const style = /<style>(.*?)<\/style>/s.exec(page)![1]!;
    expect(code).toHaveLength(2);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${code.map(({ text }) => digest(text)).join(' ')}`,
      `style-src ${digest(style)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page).not.toMatch(/<(?:img|iframe|object|embed|script[^>]+src)/i);
    expect(page).not.toMatch(/(?:href|src|action)="(?!#|data:,)/i);
    expect(page).not.toMatch(/\s(?:style|on\w+)="/i);
  });

  it('carries the licence of the library within it', () => {
    expect(renderHtml(resultFixture())).toContain('The MIT License (MIT)\n\nCopyright (c) 2022 Leon Sorokin');
  });

  it('begins with the verdict and its reasons', () => {
    const text = textOf(renderHtml(violated()));
    expect(text).toMatch(/^ ?✘ VIOLATED flash-sale ✘ VIOLATED flash-sale exit 4 · 30\.0s of load/);
    expect(text.indexOf('12 units too many')).toBeLessThan(text.indexOf('Orders'));
  });

  it('shows what was asked of it', () => {
    const text = textOf(renderHtml(violated()));
    for (const expected of [
      'first sold out after 430ms',
      'accepted 1,000 0.3 %',
      'lock.hold 1,200 1.01ms 2.02ms 2.42ms 3.03ms 6.06ms 9.09ms',
      'serial bound 989/s',
      '99.9 % of 625,300 reads hit',
      'loads from the database 400',
      'no-oversell ✘ VIOLATED 12 units too many order 7 of user 3',
      'order.latency:p99&lt;200ms ✔ passed 28.8ms',
      'event loop 61.8 % busy, p99 12.1ms late, at most 31.4ms',
      'ceiling 512,400/s empty iterations',
      'Redis commands 3.9',
      'stockPerSku: 1000',
      'trade-sim run flash-sale --seed 42',
    ])
      expect(text).toContain(expected);
  });

  it('escapes what came from outside, wherever it stands', () => {
    const page = renderHtml(hostile());
    expect(page).not.toMatch(/<img|<svg onload|<b>/i);
    expect(scriptsOf(page)).toHaveLength(scriptsOf(renderHtml(resultFixture())).length);
    expect(page).not.toContain('hunter2');
    expect(page).toContain('redis://u:***@127.0.0.1');
    expect(page).not.toContain('\u202E');
  });

  it('of an hour is small, and its tables are bounded', () => {
    const page = renderHtml(hourLong());
    expect(Buffer.byteLength(page)).toBeLessThan(2 * 2 ** 20);
    expect(page.match(/<tr>/g)!.length).toBeLessThan(500);
    expect(textOf(page)).toContain('71 of 3601 points');
    expect(chartsOf(page).find(({ id }) => id === 'orders-chart')!.x.values).toHaveLength(3_601);
  });
});

describe('the charts', () => {
  const chart = (id: string, changes: Partial<Result> = {}) =>
    chartsOf(renderHtml(resultFixture(changes))).find((one) => one.id === id);

  it('begin at the start, with the whole stock', () => {
    const { x, series, marks } = chart('orders-chart')!;
    expect(x.values).toEqual([0, 1, 2]);
    expect(series.find(({ label }) => label === 'stock left')!.values).toEqual([1_000, 0, 0]);
    expect(series.find(({ label }) => label === 'accepted')!.values).toEqual([1_000, 1_000, 0]);
    expect(marks).toEqual([{ at: 0.43, label: 'sold out 430ms' }]);
  });

  it('give a rate to no interval that the end cut off', () => {
    const { run, timeline } = resultFixture();
    const rates = (durationMs: number) =>
      chart('orders-chart', { run: { ...run, durationMs }, timeline })!.series[0]!.values;
    expect(rates(1_400)).toEqual([1_000, 1_000, null]);
    expect(rates(1_600)).toEqual([1_000, 1_000, 0]);
  });

  it('draw percentiles from the histograms, as far as there are values', () => {
    const { x, series } = chart('percentiles-chart')!;
    const at = (odds: number) => x.values.findIndex((value) => Math.abs(value / odds - 1) < 1e-9);
    const orders = series.find(({ label }) => label === 'order.latency')!.values;
    expect(orders[at(50)]! / 28_800).toBeCloseTo(1, 2);
    expect(orders[at(500)]! / 57_600).toBeCloseTo(1, 2);
    const published = series.find(({ label }) => label === 'publish.latency')!.values;
    expect(published[at(1_000)]).not.toBeNull();
    expect(published[at(10_000)]).toBeNull();
    expect(series.map(({ label }) => label)).not.toContain('schedule.lag');
  });

  it('are left out, in words, where there are no figures', () => {
    const { run } = resultFixture();
    const merged = mergeResults([resultFixture(), resultFixture({ run: { ...run, id: 'other' } })]);
    const page = renderHtml(merged);
    expect(chartsOf(page).map(({ id }) => id)).toEqual([
      'orders-chart',
      'percentiles-chart',
      'lock-chart',
      'cache-chart',
      'queue-chart',
    ]);
    expect(textOf(page)).toContain('There are no figures for this chart.');
  });
});

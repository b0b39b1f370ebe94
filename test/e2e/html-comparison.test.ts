import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/report/comparison.ts';
import { renderComparisonHtml } from '../../src/report/comparison/html.ts';
import { Chromium, type Page } from '../support/chromium.ts';
import { comparisonFixture, hostileComparison } from '../support/comparison-fixture.ts';
import { OVERFLOW_PX, PAINTED, SETTLED } from '../support/page-probes.ts';
import { HOSTILE } from '../support/result-variants.ts';

const CHARTS = ['latency-chart', 'scalability-chart'];
const PLOTS = ['orders', 'p50', 'p99', 'wait', 'hits', 'cpu'];

let chromium: Chromium;
let folder: string;
let page: Page;

beforeAll(() => {
  chromium = new Chromium();
  folder = mkdtempSync(join(tmpdir(), 'trade-sim-html-'));
});
afterAll(async () => {
  await chromium.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  page = await chromium.open();
});

const show = async (comparison: Comparison): Promise<string> => {
  const file = join(folder, 'comparison.html');
  writeFileSync(file, renderComparisonHtml(comparison));
  await page.show(file);
  return pathToFileURL(file).href;
};

describe('the page of a comparison in a browser', () => {
  it.each([
    ['a plain one', comparisonFixture()],
    ['hostile texts', hostileComparison()],
  ])('draws everything, says nothing in the console and asks for nothing: %s', async (_name, comparison) => {
    const url = await show(comparison);
    for (const id of CHARTS) expect(await page.evaluate<number>(PAINTED(id))).toBeGreaterThan(0.005);
    for (const id of PLOTS)
      expect(await page.evaluate(`document.querySelectorAll("#${id} .interval .mean").length`)).toBe(
        comparison.arms.length,
      );
    expect(page.console).toEqual([]);
    expect(page.requests).toEqual([url]);
  });

  it('says who is wrong and who is best before any table', async () => {
    await show(comparisonFixture());
    const verdict = await page.evaluate<string>('document.getElementById("verdict").textContent');
    expect(verdict).toContain('1 of 7 violated an invariant');
    expect(verdict).toContain('none · read-modify-write: no-oversell: 3 units oversold');
    expect(verdict).toContain('best is none · lua · nodes 4');
    expect(
      await page.evaluate('document.querySelector("#orders .good").closest("tr").textContent'),
    ).toContain('none · lua · nodes 4');
  });

  it('draws the means in the order of their values, each within its interval', async () => {
    await show(comparisonFixture());
    const places = await page.evaluate<{ mean: number; low: number; high: number }[]>(`
      [...document.querySelectorAll('#orders .interval')].map((svg) => {
        const box = (name) => svg.querySelector(name).getBoundingClientRect();
        const [mean, range] = [box('.mean'), box('.range')];
        return { mean: mean.left, low: range.left, high: range.right };
      })`);
    expect(places.map(({ mean }) => mean)).toEqual(places.map(({ mean }) => mean).toSorted((a, b) => b - a));
    for (const { mean, low, high } of places) {
      expect(mean).toBeGreaterThanOrEqual(low - 1);
      expect(mean).toBeLessThanOrEqual(high + 1);
    }
    expect(places[0]!.mean).toBeGreaterThan(places.at(-1)!.mean + 20);
  });

  it('shows hostile texts as texts', async () => {
    await show(hostileComparison());
    const shown = HOSTILE.replace('\u202E', '');
    expect(await page.evaluate('document.title')).toContain(shown);
    expect(await page.evaluate('document.querySelector("h1").textContent')).toContain(shown);
    expect(await page.evaluate('document.querySelectorAll("img").length')).toBe(0);
    expect(await page.evaluate('document.body.textContent.includes("hunter2")')).toBe(false);
  });

  it.each([360, 390, 1_600])('fits a window of %i pixels', async (width) => {
    await page.send('Emulation.setDeviceMetricsOverride', {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });
    await show(hostileComparison());
    await page.evaluate(SETTLED);
    expect(await page.evaluate<number>(OVERFLOW_PX)).toBeLessThanOrEqual(0);
  });

  it('is read by keys, has a name for everything, and no link leads nowhere', async () => {
    await show(comparisonFixture());
    await page.evaluate('document.getElementById("scalability-chart").focus()');
    await page.press('Home');
    const spoken = 'document.querySelector("#scalability-chart output").textContent';
    expect(await page.evaluate(spoken)).toMatch(/^nodes 1, none · lua 4K\/s, none · lua, fitted 4K\/s/);
    expect(
      await page.evaluate(
        '[...document.querySelectorAll(".plot, nav, .scroll")].every((one) => one.ariaLabel || document.getElementById(one.getAttribute("aria-labelledby")))',
      ),
    ).toBe(true);
    const ids = await page.evaluate<string[]>('[...document.querySelectorAll("[id]")].map(({ id }) => id)');
    expect(new Set(ids).size).toBe(ids.length);
    const links = await page.evaluate<string[]>(
      '[...document.querySelectorAll("a")].map((a) => a.hash.slice(1))',
    );
    for (const link of links) expect(ids).toContain(link);
  });
});

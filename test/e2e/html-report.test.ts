import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { differenceOf } from '../../src/report/difference/build.ts';
import { DIFFERENCE_FORMS } from '../../src/report/difference/forms.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderJunit } from '../../src/report/junit.ts';
import { Chromium, type Page } from '../support/chromium.ts';
import { OVERFLOW_PX, PAINTED, SETTLED } from '../support/page-probes.ts';
import { resultFixture } from '../support/result-fixture.ts';
import { hostile, HOSTILE, hourLong, violated } from '../support/result-variants.ts';

const CHARTS = [
  'orders-chart',
  'latency-chart',
  'percentiles-chart',
  'lock-chart',
  'cache-chart',
  'queue-chart',
];

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

const show = async (html: string): Promise<string> => {
  const file = join(folder, 'report.html');
  writeFileSync(file, html);
  await page.show(file);
  return pathToFileURL(file).href;
};

const resize = (width: number) =>
  page.send('Emulation.setDeviceMetricsOverride', {
    width,
    height: 800,
    deviceScaleFactor: 1,
    mobile: width < 500,
  });

describe('the page in a browser', () => {
  it.each([
    ['a sale that passed', resultFixture()],
    ['one that oversold', violated()],
    ['an hour', hourLong()],
    ['hostile texts', hostile()],
  ])('draws every chart, says nothing in the console and asks for nothing: %s', async (_name, result) => {
    const url = await show(renderHtml(result));
    for (const id of CHARTS) expect(await page.evaluate<number>(PAINTED(id))).toBeGreaterThan(0.005);
    expect(await page.evaluate('document.documentElement.dataset.ready !== undefined')).toBe(true);
    expect(page.console).toEqual([]);
    expect(page.requests).toEqual([url]);
  });

  it('puts two results side by side without a script', async () => {
    const difference = differenceOf(
      { name: HOSTILE, result: hostile() },
      { name: 'b.json', result: violated() },
    );
    const url = await show(DIFFERENCE_FORMS.html(difference));
    expect(await page.evaluate('document.querySelectorAll("section table").length')).toBe(6);
    expect(await page.evaluate('document.title')).toBe('Two results side by side');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(page.console).toEqual([]);
    expect(page.requests).toEqual([url]);
  });

  it('is watched by a test that would notice', async () => {
    const url = await show('<img src="unknown.png"><script>console.error("oh"); nothing.here</script>');
    expect(page.requests).toEqual([url, url.replace('report.html', 'unknown.png')]);
    expect(page.console.length).toBeGreaterThanOrEqual(2);
    await show('<div id="blank"><canvas width="9" height="9"></canvas></div>');
    expect(await page.evaluate<number>(PAINTED('blank'))).toBe(0);
  });

  it('shows hostile texts as texts', async () => {
    await show(renderHtml(hostile()));
    const shown = HOSTILE.replace('\u202E', '');
    expect(await page.evaluate('document.title')).toBe(`✘ VIOLATED ${shown}`);
    expect(await page.evaluate('document.querySelector("h1").textContent')).toContain(shown);
    expect(await page.evaluate('document.querySelectorAll("img").length')).toBe(0);
    expect(await page.evaluate('document.body.textContent.includes("hunter2")')).toBe(false);
  });

  it('would not run a script that had come in after all', async () => {
    const smuggled = renderHtml(resultFixture()).replace(
      '</main>',
      '<script>document.title="owned"</script><img src="x" onerror="document.title=\'owned\'"></main>',
    );
    const url = await show(smuggled);
    expect(await page.evaluate('document.title')).toBe('✔ PASSED flash-sale');
    expect(page.requests).toEqual([url]);
    expect(page.console.join('\n')).toContain('Content Security Policy');
  });
});

describe('its layout', () => {
  it.each([360, 768, 1_440, 2_560])(
    'fits a window of %i pixels, when it is opened and when it is resized',
    async (width) => {
      await resize(width);
      await show(renderHtml(hostile()));
      expect(await page.evaluate<number>(OVERFLOW_PX)).toBeLessThanOrEqual(0);
      await resize(width === 360 ? 1_440 : 360);
      await page.evaluate(SETTLED);
      expect(await page.evaluate<number>(OVERFLOW_PX)).toBeLessThanOrEqual(0);
      const canvasPx = await page.evaluate<number>(
        'document.querySelector("canvas").getBoundingClientRect().width',
      );
      const boxPx = await page.evaluate<number>('document.querySelector(".plot").clientWidth');
      expect(canvasPx).toBe(boxPx);
    },
  );

  it('follows the colour scheme, the charts too', async () => {
    const scheme = (value: string) =>
      page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    const look = () =>
      page.evaluate<string>(
        'getComputedStyle(document.body).backgroundColor + document.querySelector("canvas").toDataURL()',
      );
    await scheme('light');
    await show(renderHtml(resultFixture()));
    const light = await look();
    await scheme('dark');
    await page.evaluate(SETTLED);
    const dark = await look();
    expect(dark.slice(0, 18)).not.toBe(light.slice(0, 18));
    expect(dark.split('data:')[1]).not.toBe(light.split('data:')[1]);
  });
});

describe('without a mouse or without eyes', () => {
  beforeEach(() => show(renderHtml(violated())));

  it('a chart is read by arrow keys', async () => {
    await page.evaluate('document.getElementById("orders-chart").focus()');
    const spoken = () => page.evaluate<string>('document.querySelector("#orders-chart output").textContent');
    await page.press('Home');
    expect(await spoken()).toBe('time 0s, accepted 1K/s, stock left 1K');
    await page.press('ArrowRight');
    await page.press('ArrowRight');
    expect(await spoken()).toBe('time 2s, accepted 0/s, stock left 0');
    await page.press('ArrowRight');
    expect(await spoken()).toContain('time 2s');
    await page.press('ArrowLeft');
    expect(await spoken()).toContain('time 1s');
    await page.press('Escape');
    expect(await spoken()).toBe('');
  });

  it('a series is shown and hidden by its button', async () => {
    const button =
      '[...document.querySelectorAll("#orders-chart button")].find((one) => one.textContent.startsWith("iterations"))';
    expect(await page.evaluate(`${button}.getAttribute("aria-pressed")`)).toBe('false');
    const before = await page.evaluate('document.querySelector("#orders-chart canvas").toDataURL()');
    await page.evaluate(`${button}.focus()`);
    await page.evaluate(`${button}.click()`);
    await page.evaluate(SETTLED);
    expect(await page.evaluate(`${button}.getAttribute("aria-pressed")`)).toBe('true');
    expect(await page.evaluate('document.querySelector("#orders-chart canvas").toDataURL()')).not.toBe(
      before,
    );
  });

  it('everything has a name, and no heading is passed over', async () => {
    expect(
      await page.evaluate(
        '[...document.querySelectorAll(".plot, nav, .scroll")].every((one) => one.ariaLabel || document.getElementById(one.getAttribute("aria-labelledby")))',
      ),
    ).toBe(true);
    expect(await page.evaluate('document.querySelectorAll("figure").length')).toBe(CHARTS.length);
    expect(
      await page.evaluate(
        '[...document.querySelectorAll("figure")].every((one) => one.querySelector("table"))',
      ),
    ).toBe(true);
    expect(await page.evaluate('document.querySelectorAll("h1").length')).toBe(1);
    const ids = await page.evaluate<string[]>('[...document.querySelectorAll("[id]")].map(({ id }) => id)');
    expect(new Set(ids).size).toBe(ids.length);
    const links = await page.evaluate<string[]>(
      '[...document.querySelectorAll("a")].map((a) => a.hash.slice(1))',
    );
    for (const link of links) expect(ids).toContain(link);
  });
});

describe('JUnit', () => {
  it('is XML to a browser too', async () => {
    await show('<p>empty</p>');
    const parsed = (xml: string) =>
      page.evaluate<[errors: number, names: string[]]>(`(() => {
        const tree = new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml');
        const names = [...tree.querySelectorAll('testcase')].map((one) => one.getAttribute('name'));
        return [tree.querySelectorAll('parsererror').length, names];
      })()`);
    const { audit, thresholds } = hostile();
    expect(await parsed(renderJunit(hostile()))).toEqual([
      0,
      [
        'verdict',
        ...audit.map(({ invariant }) => invariant),
        ...thresholds.map(() => expect.any(String) as string),
      ],
    ]);
    const [errors] = await parsed('<testsuites><testcase name="<"/></testsuites>');
    expect(errors).toBe(1);
  });
});

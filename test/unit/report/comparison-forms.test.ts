import { describe, expect, it } from 'vitest';
import { COMPARISON_FORMS } from '../../../src/report/comparison/forms.ts';
import { isComparison, loadComparison } from '../../../src/report/comparison/load.ts';
import { renderJson } from '../../../src/report/json.ts';
import {
  arm,
  comparisonFixture,
  comparisonOf,
  hostileComparison,
  rounds,
} from '../../support/comparison-fixture.ts';
import { resultFixture } from '../../support/result-fixture.ts';
import { HOSTILE } from '../../support/result-variants.ts';

describe.each(Object.entries(COMPARISON_FORMS))('a comparison as %s', (_form, render) => {
  it('shows no password, and ends with a line', () => {
    const text = render(hostileComparison());
    expect(text).not.toContain('hunter2');
    expect(text.endsWith('\n')).toBe(true);
  });
});

describe('markdown', () => {
  it('says first who was wrong and who is best, and marks it', () => {
    const text = COMPARISON_FORMS.markdown(comparisonFixture());
    const [title, , wrong] = text.split('\n');
    expect(title).toBe('### flash-sale: 7 combinations, 3 rounds each: 1 of 7 violated an invariant');
    expect(wrong).toBe('- none · read-modify-write: no-oversell: 3 units oversold');
    expect(text).toContain('| none · lua · nodes 4 | passed | **12,308** |');
    expect(text.match(/\*\*[\d,.]+\*\*/g)).toEqual(['**12,308**']);
    expect(text).toContain('✘ 3 of 3 bad<br>no safeguard');
  });

  it('keeps what came from outside from being markup', () => {
    // The command stands in a fence, as it is.
    const [text = ''] = COMPARISON_FORMS.markdown(hostileComparison()).split('```');
    expect(text).not.toMatch(/<(?:script|img)/);
    expect(text).not.toMatch(/@all|#1/);
    const lines = text.split('\n').filter((line) => line.startsWith('|'));
    const columns = (line: string) => line.replaceAll(String.raw`\|`, '').split('|').length;
    expect(new Set(lines.map(columns)).size).toBe(2);
  });
});

describe('html', () => {
  it('has every combination in every part', () => {
    const text = COMPARISON_FORMS.html(comparisonFixture());
    for (const id of ['orders', 'p50', 'p99', 'wait', 'hits', 'cpu', 'decision', 'figures', 'scalability'])
      expect(text).toContain(`<section id="${id}"`);
    for (const { label } of comparisonFixture().arms)
      expect(text.split(label).length).toBeGreaterThanOrEqual(8);
  });

  it('leaves out what was not measured', () => {
    const text = COMPARISON_FORMS.html(comparisonOf([arm({ 'engine.lock': 'token' }, rounds(10, 11))]));
    expect(text).not.toContain('<section id="scalability"');
    expect(text).not.toContain('href="#scalability"');
  });

  it('escapes hostile names', () => {
    const text = COMPARISON_FORMS.html(hostileComparison());
    expect(text).not.toContain(HOSTILE);
    expect(text).not.toMatch(/<img/);
  });
});

describe('a saved comparison', () => {
  const saved = () => renderJson(comparisonFixture());

  it('is told from a result, and read back as it was', () => {
    expect(isComparison(saved())).toBe(true);
    expect(isComparison(renderJson(resultFixture()))).toBe(false);
    expect(loadComparison('c.json', saved())).toEqual(comparisonFixture());
  });

  it.each([
    ['{', /c\.json is not JSON/],
    [saved().replace('comparison/1', 'comparison/2'), /not a comparison of this version/],
    [saved().replace('"seed": 1', '"seed": "one"'), /seed: /],
    [
      saved().replace(/"hdr": "[^"]+"/, '"hdr": "AAAA"'),
      /the histogram of none · lua · nodes 1 cannot be read/,
    ],
    [saved().replace(/"count": \d+/, '"count": 7'), /not as many values as its count says/],
  ])('is refused when it is damaged (%#)', (text, message) => {
    expect(() => loadComparison('c.json', text)).toThrow(message);
  });
});

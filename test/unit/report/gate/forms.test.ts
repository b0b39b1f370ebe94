import { describe, expect, test } from 'vitest';
import { GATE_FORMS } from '../../../../src/report/gate/forms.ts';
import { gateSchema } from '../../../../src/report/gate/model.ts';
import { noiseOf, marginFlag } from '../../../../src/report/gate/noise.ts';
import { renderGate, renderNoise } from '../../../../src/report/gate/terminal.ts';
import { SeededRandom } from '../../../../src/kernel/random.ts';
import { displayWidth } from '../../../../src/report/text.ts';
import { gateReport } from './report.ts';
import { pairsOf } from './rounds.ts';

const NARROW = { columns: 80, color: false };

describe('on a terminal', () => {
  test('the verdict comes first, and no line is wider than 80 columns', () => {
    for (const report of [gateReport(), gateReport(0.5), gateReport(0, { pairs: 1, findings: [] })]) {
      const lines = renderGate(report, NARROW).split('\n');
      expect(lines[0]).toMatch(/^[✔✘] (PASSED|REGRESSION) {2}sale {2}\(exit [06]\)$/);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80);
    }
  });

  test('every metric has its figures, and what could have been found is said', () => {
    const text = renderGate(gateReport(0.5), NARROW);
    expect(text).toMatch(
      /p50 +1\.\d+ms +2\.\d+ms +\+\d+\.\d % +\+\d+\.\d…\+\d+\.\d +\+5\.0 % +0\.0313 +✘ worse/,
    );
    expect(text).toMatch(/would have been found 8 times\s+of 10 from/);
    expect(text).toContain('Look at one run of each side');
  });

  test('a name from outside cannot rewrite the screen', () => {
    const text = renderGate(gateReport(0, { base: 'evil\u001B[2J', notes: ['a\u001B]0;b'] }), NARROW);
    expect(text).not.toContain('\u001B');
  });

  test('noise is shown with a flag to copy', () => {
    const noise = noiseOf(pairsOf(10, new SeededRandom(1), 0.05), 7, 1);
    const text = renderNoise(gateReport(), noise, NARROW);
    expect(text.trimEnd().split('\n').at(-1)).toBe(marginFlag(noise));
    expect(Math.max(...text.split('\n').slice(0, -2).map(displayWidth))).toBeLessThanOrEqual(80);
  });
});

describe('in JUnit', () => {
  test('each metric and invariant is a case', () => {
    const xml = GATE_FORMS.junit(gateReport(0.5));
    expect(xml).toContain('<testcase classname="sale.gate.metrics" name="p99" time="0"><failure message=');
    expect(xml).toContain(
      '<testcase classname="sale.gate.invariants" name="no-oversell" time="0"></testcase>',
    );
    expect(xml.match(/<failure /g)).toHaveLength(5);
    expect(GATE_FORMS.junit(gateReport())).not.toMatch(/<failure|<error/);
  });

  test('an informational gate fails nothing, and an inconclusive one is an error', () => {
    expect(GATE_FORMS.junit(gateReport(0.5, { unlike: ['cores'] }))).not.toMatch(/<failure|<error/);
    expect(GATE_FORMS.junit(gateReport(0, { ended: { kind: 'empty', reason: 'none' } }))).toContain('<error');
  });
});

test('in Markdown, the table of metrics is seen and the audit is folded', () => {
  const text = GATE_FORMS.markdown(gateReport(0.5, { base: '[x](y) @me' }));
  expect(text).toMatch(/^### ✘ REGRESSION: gate of sale\n/);
  expect(text).toMatch(/\| order latency p50 \| 1\.\d+ms \| 2\.\d+ms \|/);
  expect(text).toContain('<details><summary>Audit: 7 of 7 held</summary>');
  expect(text).toContain(String.raw`\[x\]\(y\) @<!-- -->me`);
});

test('as JSON it reads back as what it was', () => {
  const report = gateReport(0.5);
  expect(gateSchema.parse(JSON.parse(GATE_FORMS.json(report)))).toEqual(report);
});

import { stripVTControlCharacters } from 'node:util';
import { listTags } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { renderHlog } from '../../../src/report/hlog.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { loadResult } from '../../../src/report/load-result.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { mergeResults } from '../../../src/report/merge.ts';
import { resultSchema, type Result } from '../../../src/report/model.ts';
import { renderPrometheus } from '../../../src/report/prometheus.ts';
import { stepRows, stepSeriesOf, type StepRow } from '../../../src/report/steps.ts';
import { renderTerminal } from '../../../src/report/terminal.ts';
import { displayWidth } from '../../../src/report/text.ts';
import { latencySummary, resultFixture } from '../../support/result-fixture.ts';

const STEPS: StepRow[] = [
  { step: 'browse', outcome: 'found', latency: latencySummary(2_000, 120) },
  { step: 'place', outcome: 'accepted', latency: latencySummary(1_000, 9_600) },
  { step: 'place', outcome: 'sold-out', latency: latencySummary(300, 400) },
];

const withSteps = (changes: Partial<Result> = {}): Result => resultFixture({ steps: STEPS, ...changes });

describe('the steps of a result', () => {
  it('are its series of step.latency, in the order in which customers take them', () => {
    const summaries = {
      'order.latency': latencySummary(1, 1),
      ...stepSeriesOf({ steps: STEPS.toReversed() }),
    };
    expect(Object.keys(summaries)).toContain('step.latency{outcome:accepted,step:place}');
    expect(stepRows(summaries)).toEqual(STEPS);
    const byNode = STEPS.flatMap((row) => [0, 10, 9].map((node) => ({ ...row, node })));
    expect(stepRows(stepSeriesOf({ steps: byNode })).map(({ node }) => node)).toEqual(
      STEPS.flatMap(() => [0, 9, 10]),
    );
  });

  it('may be missing, as in a result of an earlier version', () => {
    const { steps: _, ...earlier } = withSteps();
    expect(resultSchema.parse(earlier).steps).toBeUndefined();
    expect(stripVTControlCharacters(renderTerminal(earlier, { columns: 80, color: false }))).not.toContain(
      'Steps',
    );
    expect(renderHtml(earlier)).not.toContain('Latency by step');
    expect(renderMarkdown(earlier)).not.toContain('Latency by step');
  });

  it('have words that are words', () => {
    const wrong = { ...STEPS[0]!, step: '<b>' };
    expect(() => resultSchema.parse(withSteps({ steps: [wrong] }))).toThrow('step');
  });

  it('whose histogram is damaged make a damaged result', () => {
    const damaged = { ...STEPS[0]!, latency: { ...latencySummary(10, 100), count: 11 } };
    const text = JSON.stringify(withSteps({ steps: [damaged] }));
    expect(() => loadResult('r.json', text)).toThrow('step.latency{outcome:found,step:browse} has 10 values');
  });

  it('merge without loss, those of one run alone too', () => {
    const [found, accepted] = STEPS;
    const { run } = resultFixture();
    const other = withSteps({ steps: [found!], run: { ...run, id: 'other' } });
    expect(mergeResults([withSteps(), other]).steps).toMatchObject([
      { step: 'browse', latency: { count: 4_000, p50: 120, max: found!.latency.max } },
      { step: 'place', outcome: 'accepted', latency: { hdr: accepted!.latency.hdr } },
      { step: 'place', outcome: 'sold-out' },
    ]);
  });

  it('are what thresholds on merged results look at', () => {
    const { run } = resultFixture();
    const text = 'step.latency{outcome:accepted,step:place}:p50<10ms';
    const thresholds = [{ text, verdict: 'passed' as const, actual: 9_600 }];
    const merged = mergeResults([
      withSteps({ thresholds }),
      withSteps({ thresholds, run: { ...run, id: 'other' } }),
    ]);
    expect(merged.thresholds).toMatchObject([{ verdict: 'passed' }]);
    expect(merged.thresholds[0]!.actual).toBeCloseTo(9_600, -2);
  });
});

describe('a table of steps', () => {
  it.each([80, 100])('has a line for each on a terminal of %i columns', (columns) => {
    const long = latencySummary(1, 1);
    const widest: StepRow = {
      step: 'add-to-cart',
      outcome: 'limit-reached',
      node: 63,
      latency: { ...long, count: 999_999_999, p50: 59_999_999, max: 60_000_000 },
    };
    const lines = renderTerminal(withSteps({ steps: [...STEPS, widest] }), { columns, color: false }).split(
      '\n',
    );
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}place +accepted +1,000 +9.60ms/));
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
  });

  it('has no column of nodes where they were not told apart', () => {
    const head = (steps: StepRow[]) =>
      renderTerminal(withSteps({ steps }), { columns: 80, color: false })
        .split('\n')
        .find((line) => /^ +step +outcome/.test(line));
    expect(head(STEPS)).not.toContain('node');
    expect(head([{ ...STEPS[0]!, node: 1 }])).toContain('node');
  });

  it('is in the page, in the comment, in the log and among the samples', () => {
    expect(renderHtml(withSteps())).toContain('Latency by step');
    expect(renderMarkdown(withSteps())).toContain('| place | sold-out | 300 |');
    expect(listTags(renderHlog(withSteps()))).toContain('step.latency{outcome:sold-out-step:place}');
    const byNode = withSteps({ steps: [{ ...STEPS[1]!, node: 1 }] });
    expect(renderPrometheus(byNode)).toContain(
      'trade_sim_step_latency_seconds_count{scenario="flash-sale",step="place",outcome="accepted",node="1"} 1000',
    );
  });
});

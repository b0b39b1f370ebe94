import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { resultFixture } from '../../support/result-fixture.ts';
import { hostile, violated } from '../../support/result-variants.ts';

/** What GitHub takes in one comment. */
const MAX_COMMENT = 65_536;

describe('markdown', () => {
  it('begins with the verdict and why', () => {
    const lines = renderMarkdown(violated()).split('\n');
    expect(lines.slice(0, 3)).toEqual(['### ✘ VIOLATED: flash-sale', '', '- no-oversell: 12 units too many']);
  });

  it('gives the figures, what was found, and the command', () => {
    const text = renderMarkdown(violated());
    for (const expected of [
      '| orders accepted | 1,000, 33.3/s |',
      '| order latency p99 | 28.8ms |',
      '<summary>Audit: 6 of 7 held; thresholds: 2 of 2 passed</summary>',
      '| no-oversell | ✘ VIOLATED | 12 units too many<br>order 7 of user 3<br>order 8 of user 9 |',
      '| order.latency:p99&lt;200ms | ✔ passed | 28.8ms |',
      '```sh\ntrade-sim run flash-sale --seed 42\n```',
    ])
      expect(text).toContain(expected);
    expect(renderMarkdown(resultFixture({ thresholds: [] }))).toContain(
      '<summary>Audit: 7 of 7 held</summary>',
    );
  });

  it('says how the load generator fared', () => {
    const { generator } = resultFixture();
    expect(renderMarkdown(resultFixture())).toContain('Load generator: healthy');
    expect(renderMarkdown(resultFixture())).toContain('| ceiling | 512,400/s empty iterations');
    const overloaded = resultFixture({ generator: { ...generator, saturated: true } });
    expect(renderMarkdown(overloaded)).toContain('Load generator: over its limits');
  });

  it('fits a comment, however much there is to say', () => {
    const long = 'and so on '.repeat(200);
    const { audit, run } = resultFixture();
    const text = renderMarkdown(
      resultFixture({
        reasons: Array.from({ length: 40 }, () => long),
        run: { ...run, command: long },
        audit: audit.map((entry) => ({
          ...entry,
          detail: long,
          offenders: Array.from({ length: 10 }, () => long),
        })),
      }),
    );
    expect(text.length).toBeLessThan(MAX_COMMENT / 4);
    expect(text).toContain('- … and 34 more');
  });

  it('leaves out what does not fit a comment, and says so', () => {
    const { run, thresholds } = resultFixture();
    const long = 'trade-sim run '.repeat(6_000);
    const text = renderMarkdown(
      resultFixture({
        run: { ...run, command: long },
        thresholds: Array.from({ length: 3_000 }, () => thresholds[0]!),
      }),
    );
    expect(text.length).toBeLessThanOrEqual(MAX_COMMENT);
    expect(text).toContain('<summary>How orders ended</summary>');
    expect(text).not.toContain('Run it again');
    expect(text).toMatch(/There is more, but not in a comment of this length\.\n$/);
    expect(renderMarkdown(resultFixture())).not.toContain('There is more');
  });

  it('has every row of a table in as many cells as its head', () => {
    const text = renderMarkdown(hostile());
    for (const block of text.split('\n\n').filter((part) => part.startsWith('|'))) {
      const widths = block.split('\n').map((line) => line.replaceAll(/\\./g, '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it('makes no markup, mention or link of what came from outside', () => {
    const { run } = resultFixture();
    const name = '@team #1 https://evil.example www.evil.example [x](y) <img src=x> `a` **b**';
    const [heading] = renderMarkdown(resultFixture({ run: { ...run, scenario: name } })).split('\n');
    expect(heading).not.toMatch(/@team|#1|:\/\/|www\.|<img|(?<!\\)[[\]()`*]/);
    expect(
      heading!
        .replaceAll(/<!-- -->|\\(?=[^\w\s])/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>'),
    ).toBe(`### ✔ PASSED: ${name}`);
  });

  it('keeps a command within its fence', () => {
    const { run } = resultFixture();
    const text = renderMarkdown(resultFixture({ run: { ...run, command: 'trade-sim run ```x``` ' } }));
    expect(text).toContain('````sh\ntrade-sim run ```x``` \n````');
  });
});

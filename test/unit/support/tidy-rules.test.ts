import { describe, expect, test } from 'vitest';
import {
  brokenLinks,
  importCircles,
  longFiles,
  machineTraces,
  MAX_LINES,
  strayFiles,
  switchedTests,
  upwardImports,
} from '../../support/tidy-rules.ts';

const file = (path: string, ...lines: string[]) => ({ path, text: lines.join('\n') });
/** Keeps these words out of the text of this very file, where the rules would find them. */
const broken = (...parts: string[]) => parts.join('');

describe('a rule finds what it is for, and nothing else', () => {
  test('stray files', () => {
    expect(strayFiles([file('src/kernel/a.ts'), file('src/helpers/b.ts'), file('src/c.ts')])).toEqual([
      'src/helpers/b.ts',
      'src/c.ts',
    ]);
  });

  test.each([
    `import { Run } from '../run/run.ts';`,
    `import type { Run } from '../run/run.ts';`,
    `export { Run } from '../run/run.ts';`,
    `import '../run/run.ts';`,
    `const { Run } = await import('../run/run.ts');`,
    `const url = new URL('../run/run.ts', import.meta.url);`,
  ])('upward imports: %s', (line) => {
    const below = file('src/audit/check.ts', line);
    expect(upwardImports([below])).toEqual(['src/audit/check.ts imports src/run/run.ts']);
    expect(
      upwardImports([
        { ...below, path: 'src/run/other.ts' },
        { ...below, path: 'src/cli/main.ts' },
      ]),
    ).toEqual([]);
  });

  test('circles of imports', () => {
    const a = file('src/kernel/a.ts', `import { b } from './b.ts';`);
    const b = file('src/kernel/b.ts', `import { c } from './c.ts';`);
    const c = file('src/kernel/c.ts', `import { a } from './a.ts';`);
    expect(importCircles([a, b, c])).toEqual([
      'src/kernel/a.ts > src/kernel/b.ts > src/kernel/c.ts > src/kernel/a.ts',
    ]);
    expect(importCircles([a, b])).toEqual([]);
    const typeOnly = file('src/kernel/c.ts', `import type {`, `  A,`, `} from './a.ts';`);
    expect(importCircles([a, b, typeOnly])).toEqual([]);
  });

  test('long files', () => {
    const lines = Array.from({ length: MAX_LINES }, () => '//');
    expect(longFiles([file('a.ts', ...lines, '')])).toEqual([]);
    expect(longFiles([file('a.ts', ...lines, '//')])).toEqual([`a.ts: ${MAX_LINES + 1} lines`]);
  });

  test.each(['only', 'skip', 'todo'])('tests under .%s', (modifier) => {
    const line = broken('test', '.', modifier, `('it works', () => {});`);
    expect(switchedTests([file('a.test.ts', line)])).toEqual([broken('a.test.ts: test', '.', modifier)]);
    expect(switchedTests([file('a.test.ts', `test('${modifier}', () => list.${modifier}(1));`)])).toEqual([]);
  });

  test.each([
    ['/ho', 'me/someone/project'],
    ['/wo', 'rk/project'],
    ['regis', 'try.example.org'],
  ])('traces of a machine: %s%s', (...parts) => {
    expect(machineTraces([file('a.md', `see "${broken(...parts)}"`)])).toHaveLength(1);
    expect(machineTraces([file('a.md', 'see src/engine/registry.ts and ./work/list')])).toEqual([]);
  });

  test('links that lead nowhere', () => {
    const page = file(
      'docs/a.md',
      '[b](b.md#part) [c](../src/c.ts) [web](https://example.org/) [here](#top) [dir](../src)',
    );
    expect(brokenLinks([page], new Set(['docs/b.md', 'src/c.ts']))).toEqual([]);
    expect(brokenLinks([page], new Set(['src/c.ts']))).toEqual(['docs/a.md: b.md']);
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMPARISON_FORMS } from '../../../src/report/comparison/forms.ts';
import { FORMS } from '../../../src/report/forms.ts';
import { renderJson } from '../../../src/report/json.ts';
import { loadResult } from '../../../src/report/load-result.ts';
import { comparisonFixture } from '../../support/comparison-fixture.ts';
import { resultFixture } from '../../support/result-fixture.ts';
import { violated } from '../../support/result-variants.ts';
import { scenariosFile, temporaryFolder, trade } from './shell.ts';

const saved = (id: string, result = resultFixture()): string => {
  const path = join(temporaryFolder(), `${id}.json`);
  writeFileSync(path, renderJson({ ...result, run: { ...result.run, id } }));
  return path;
};

describe('trade-sim report', () => {
  it('prints a saved result, and drawing it is a success whatever its verdict', async () => {
    const { exitCode, stdout, stderr } = await trade(['report', saved('a', violated())]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^✘ VIOLATED {2}flash-sale {2}\(exit 4\)\n/);
  });

  it('prints the form that is asked for', async () => {
    const { stdout } = await trade(['report', saved('a'), '--print', 'markdown']);
    expect(stdout).toMatch(/^### ✔ PASSED: flash-sale\n/);
  });

  it('writes every form into its file, and then prints nothing', async () => {
    const folder = temporaryFolder();
    const files = Object.keys(FORMS).map((form) => ({ form, path: join(folder, `out.${form}`) }));
    const targets = files.map(({ form, path }) => `${form}=${path}`);
    const { exitCode, stdout } = await trade([
      'report',
      saved('a'),
      '--report',
      targets.slice(0, 3).join(','),
      '--report',
      targets.slice(3).join(','),
    ]);
    expect([exitCode, stdout]).toEqual([0, '']);
    for (const { path } of files) expect(readFileSync(path, 'utf8').length).toBeGreaterThan(100);
    expect(loadResult('again', readFileSync(join(folder, 'out.json'), 'utf8')).run.id).toBe('a');
  });

  it('makes one of several results', async () => {
    const { stdout } = await trade(['report', saved('a'), saved('b'), '--print', 'json']);
    expect(loadResult('merged', stdout)).toMatchObject({ run: { id: 'a+b' }, orders: { accepted: 2_000 } });
  });

  it('puts two results side by side', async () => {
    const [a, b] = [saved('a'), saved('b', violated())];
    const { exitCode, stdout } = await trade(['report', a, b, '--compare']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Two results side by side\n/);
    expect(stdout).toMatch(/no-oversell +held +violated/);
    const page = join(temporaryFolder(), 'both.html');
    const both = await trade(['report', a, b, '--compare', '--print', 'json', '--report', `html=${page}`]);
    expect(JSON.parse(both.stdout)).toMatchObject({
      schema: 'trade-sim.difference/1',
      runs: { b: { id: 'b' } },
    });
    expect(readFileSync(page, 'utf8')).toContain('<h1>Two results side by side</h1>');
  });

  it.each([
    [1, [], '--compare takes two results, not 1'],
    [3, [], '--compare takes two results, not 3'],
    [2, ['--print', 'junit'], '--compare has no form "junit"'],
    [2, ['--report', 'csv=x.csv'], 'there is no report form "csv"'],
  ])('compares %i results with %j only as it can', async (count, options, message) => {
    const files = ['a', 'b', 'c'].slice(0, count).map((id) => saved(id));
    const { exitCode, stderr } = await trade(['report', ...files, '--compare', ...options]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('refuses what it cannot read', async () => {
    const { exitCode, stderr } = await trade(['report', join(temporaryFolder(), 'none.json')]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/the result .*none\.json cannot be read: ENOENT/);
  });
});

describe('trade-sim report of a comparison', () => {
  const savedComparison = (): string => {
    const path = join(temporaryFolder(), 'comparison.json');
    writeFileSync(path, renderJson(comparisonFixture()));
    return path;
  };

  it('prints its table, sorted as asked', async () => {
    const byName = await trade(['report', savedComparison(), '--sort', 'name']);
    expect([byName.exitCode, byName.stderr]).toEqual([0, '']);
    expect(byName.stdout).toContain('flash-sale: 7 combinations, 3 rounds each');
    const places = (text: string) =>
      ['none · lua · nodes 1 ', 'none · lua · nodes 4 '].map((row) =>
        text.indexOf(row, text.indexOf('Speed')),
      );
    expect(places(byName.stdout)[0]!).toBeLessThan(places(byName.stdout)[1]!);
    const { stdout } = await trade(['report', savedComparison()]);
    expect(places(stdout)[0]!).toBeGreaterThan(places(stdout)[1]!);
  });

  it('writes every form that it has', async () => {
    const folder = temporaryFolder();
    const file = (form: string) => join(folder, `out.${form}`);
    const targets = Object.keys(COMPARISON_FORMS).map((form) => `${form}=${file(form)}`);
    const { exitCode, stdout } = await trade(['report', savedComparison(), '--report', targets.join(',')]);
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(readFileSync(file('html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect(readFileSync(file('markdown'), 'utf8')).toMatch(/^### flash-sale: 7 combinations/);
    expect(readFileSync(file('json'), 'utf8')).toBe(renderJson(comparisonFixture()));
  });

  it.each([
    [['--print', 'junit'], 'a comparison has no form "junit"'],
    [['--report', 'hlog=x.hlog'], 'there is no report form "hlog"'],
    [['another.json'], 'cannot be read'],
  ])('refuses %j', async (argv, message) => {
    const { exitCode, stderr } = await trade(['report', savedComparison(), ...argv]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('is not merged with anything', async () => {
    const { exitCode, stderr } = await trade(['report', saved('a'), savedComparison()]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is a comparison, which is drawn alone');
  });
});

describe('--report', () => {
  it.each([
    ['htm=x.html', /there is no report form "htm"[\s\S]*html/],
    ['html', /--report html names no file/],
    ['html=', /--report html names no file/],
    ['html=x.html,json=x.html', /two reports go into x\.html/],
    ['html=no/such/folder/x.html', /cannot be written to no\/such\/folder\/x\.html/],
  ])(
    'refuses %s before anything is done',
    async (given, message) => {
      for (const argv of [
        ['report', saved('a')],
        ['run', 'shop', '--file', scenariosFile(), '--services', 'embedded'],
      ]) {
        const { exitCode, stdout, stderr } = await trade([...argv, '--report', given]);
        expect([exitCode, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(message);
      }
      expect(existsSync('x.html')).toBe(false);
      // The first one imports everything that a run needs.
    },
    30_000,
  );

  it('takes a comma as part of a name, unless a form follows', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'a,b.csv');
    await trade(['report', saved('a'), '--report', `csv=${file},junit=${join(folder, 'j.xml')}`]);
    expect(existsSync(file)).toBe(true);
    expect(existsSync(join(folder, 'j.xml'))).toBe(true);
  });

  it('names every form in its help', async () => {
    for (const command of ['run', 'report']) {
      const { stdout } = await trade([command, '--help']);
      for (const form of Object.keys(FORMS)) expect(stdout).toContain(form);
    }
  });
});

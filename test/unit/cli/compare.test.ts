import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenariosFile, temporaryFolder, trade } from './shell.ts';

const planFile = (text: string): string => {
  const path = join(temporaryFolder(), 'plan.yml');
  writeFileSync(path, text);
  return path;
};

/** What is refused is refused before anything is started, so these need no services. */
describe('trade-sim compare', { timeout: 30_000 }, () => {
  it.each([
    [['--vary', 'lock=tokne,none'], 'token'],
    [['--vary', 'lock='], 'varies nothing'],
    [['--vary', 'lock'], 'varies nothing'],
    [['--vary', 'engine.nonsense=1,2'], 'nonsense'],
    [['--vary', 'lock=none', '--rounds', '0'], 'whole number'],
    [['--vary', 'lock=none', '--rounds', '2.5'], 'whole number'],
    [['--vary', `seed=${Array.from({ length: 101 }, (_, i) => i).join(',')}`], 'too many'],
    [['--vary', 'lock=none,token', '--nodes', '1,two'], '--nodes two'],
    [['--nodes', '1,2,'], '--nodes'],
    [['--nodes', '2'], '--vary'],
    [['--plan', 'no/such/plan.yml'], 'the plan no/such/plan.yml cannot be read: ENOENT'],
    [['--vary', 'lock=none', '--report', 'junit=x.xml'], 'there is no report form "junit"'],
    [['--vary', 'lock=none', '--report', 'html=no/such/folder/x.html'], 'cannot be written to'],
    [['--vary', 'lock=none', '--sort', 'speed'], 'orders, p50'],
    [['--vary', 'lock=token,none', '--set', 'engine.lock.ttlMs=500'], '--set engine.lock.ttlMs=500'],
    [[], '--vary'],
  ])('refuses %j', async (argv, expected) => {
    const { exitCode, stderr } = await trade(['compare', 'flash-sale', ...argv]);
    expect(stderr).toContain(expected);
    expect(exitCode).toBe(2);
  });

  it('tells the problems of all combinations at once', async () => {
    const { stderr } = await trade(['compare', 'flash-sale', '--vary', 'lock=tokne,none,setnxx']);
    expect(stderr).toContain('tokne');
    expect(stderr).toContain('setnxx');
  });

  it('offers every column to sort by', async () => {
    const { stdout } = await trade(['compare', '--help']);
    for (const column of ['orders', 'p99', 'wait', 'loads', 'cpu', 'nodes', 'name'])
      expect(stdout).toMatch(new RegExp(`--sort[\\s\\S]*"${column}"`));
  });
});

describe('a plan', { timeout: 30_000 }, () => {
  const refusal = async (text: string): Promise<string> => {
    const plan = planFile(text);
    const { exitCode, stderr } = await trade(['compare', 'shop', '--file', scenariosFile(), '--plan', plan]);
    expect(exitCode).toBe(2);
    return stderr.replaceAll(plan, 'plan.yml');
  };

  it('has all its problems told at once, each by its line', async () => {
    const stderr = await refusal(`combinations:
  first:
    lock: tokne
    stok: lua
  second:
    stock: fenced-write
    engine.lock.ttlMs: soon
  third:
    load.vus: 0
    vus: 10
`);
    for (const line of [
      'plan.yml:4:5 first.stok: is not a known setting (Did you mean "stock"?)',
      'plan.yml:3:11: "tokne" is not known (Did you mean "token"?)',
      'plan.yml:7:24: must be',
      'plan.yml:10:5 third.vus: sets load.vus a second time (Keep one of them.)',
      'plan.yml:9:15: must be at least 1, not 0',
    ])
      expect(stderr).toContain(line);
    expect(stderr).toContain('Nothing was started.');
  });

  it.each([
    ['', 'plan.yml:1:1 combinations: is missing'],
    ['combinations: {}', 'combinations: holds no combination'],
    ['combination:\n  a: {}', '"combinations"?'],
    ['combinations:\n  a: token', 'combinations.a: must be a block of fields, not "token"'],
    ['combinations:\n  a:\n    lock:', 'plan.yml:3:5 a.lock: is empty'],
    ['combinations:\n  a: { lock: none }\n  a: { lock: token }', 'written twice'],
    ['combinations: [', 'this is not YAML'],
  ])('is refused: %j', async (text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  it('is refused where it and what is varied make too many combinations', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `  c${index}: { seed: ${index} }`).join('\n');
    const plan = planFile(`combinations:\n${names}\n`);
    const argv = ['compare', 'shop', '--file', scenariosFile(), '--plan', plan, '--nodes', '1,2'];
    expect((await trade(argv)).stderr).toContain('120 combinations are too many');
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenariosFile, temporaryFolder, trade } from './shell.ts';

/** What is refused is refused before anything is started, so these need no services. */
describe('trade-sim gate', { timeout: 30_000 }, () => {
  it.each([
    [[], 'something to measure against'],
    [['--against', 'lock=none', '--baseline', 'x.json'], 'exclude each other'],
    [['--against', 'lock=tokne'], 'token'],
    [['--against', 'nonsense=1'], 'nonsense'],
    [['--against', 'chekout'], 'checkout'],
    [['--against', 'missing.yml'], 'missing.yml'],
    [['--against', 'lock=none', '--margin', 'p98=3%'], 'p98'],
    [['--against', 'lock=none', '--pairs', '1'], 'whole number'],
    [['--against', 'lock=none', '--max-pairs', '16'], 'whole number'],
    [['--against', 'lock=none', '--pairs', '9', '--max-pairs', '8'], '--max-pairs 8'],
    [['--against', 'lock=none', '--report', 'html=x.html'], 'no report form'],
    [['--against', 'lock=none', '--json', '/nowhere/x.json'], 'cannot be written'],
    [['--against', 'lock=none', '--history', '/nowhere/x.csv'], 'cannot be written'],
    [['--baseline', '/nowhere/x.json'], 'cannot be read'],
  ] as [string[], string][])('refuses %j', async (argv, expected) => {
    const { exitCode, stderr } = await trade(['gate', 'flash-sale', ...argv]);
    expect(stderr).toContain(expected);
    expect(exitCode).toBe(2);
  });

  it('refuses a folder without a trade-sim, and one that is not built', async () => {
    const folder = temporaryFolder();
    const against = () => trade(['gate', 'flash-sale', '--against', folder]);
    expect((await against()).stderr).toContain('there is no trade-sim in this folder');
    const bin = { 'trade-sim': 'dist/cli/main.js' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'trade-sim', version: '0.0.1', bin }));
    expect((await against()).stderr).toContain('it is not built');
  });

  it('refuses a history that is something else', async () => {
    const file = join(temporaryFolder(), 'history.csv');
    writeFileSync(file, 'a,b\n1,2\n');
    const { stderr } = await trade(['gate', 'flash-sale', '--against', 'lock=token', '--history', file]);
    expect(stderr).toContain('is no history');
  });

  it('hands the flags after calibrate to calibrate', async () => {
    const file = scenariosFile();
    const { exitCode, stderr } = await trade(['gate', 'calibrate', 'shop', '-f', file, '--lock', 'tokne']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('token')]);
  });
});

describe('trade-sim baseline', { timeout: 30_000 }, () => {
  it('does not overwrite what is there', async () => {
    const file = join(temporaryFolder(), 'baseline.json');
    writeFileSync(file, '{}');
    const recorded = await trade(['baseline', 'record', 'flash-sale', '-o', file]);
    expect([recorded.exitCode, recorded.stderr]).toEqual([2, expect.stringContaining('is there already')]);
    const updated = await trade(['baseline', 'update', 'flash-sale', '-o', file]);
    expect([updated.exitCode, updated.stderr]).toEqual([2, expect.stringContaining('not a baseline')]);
    const shown = await trade(['baseline', 'show', file]);
    expect([shown.exitCode, shown.stderr]).toEqual([2, expect.stringContaining('not a baseline')]);
  });
});

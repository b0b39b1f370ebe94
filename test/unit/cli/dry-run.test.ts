import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenariosFile, trade } from './shell.ts';

describe('run --dry-run', () => {
  it('prints the plan with every flag put in, and starts nothing', async () => {
    // A Redis that nobody could reach: what is not started cannot fail.
    const argv = ['run', 'shop', '--dry-run', '-f', scenariosFile(), '--rate', '50/s', '--max-vus', '9'];
    const ended = await trade([...argv, '--services', 'given', '--redis', 'redis://127.0.0.1:1']);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toContain('constant-arrival-rate: 50/s for 10.0s');
    expect(ended.stdout).toContain('500, uniform; beyond 9 under way');
    expect(Math.max(...ended.stdout.split('\n').map((line) => line.length))).toBe(80);
  });

  it('refuses what a run would refuse', async () => {
    const ended = await trade(['run', 'shop', '--dry-run', '-f', scenariosFile(), '--rate', 'fast']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('"fast" is not a rate');
  });

  it.each(['--json', '--report=html=x.html'])('has no result for %s', async (flag) => {
    const ended = await trade(['run', 'shop', '--dry-run', '-f', scenariosFile(), flag]);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain('cannot be used with');
  });
});

describe('a scenario with a feeder', () => {
  const fileWith = (rows: string): string => {
    const path = scenariosFile(`scenarios:
  shop:
    journey: { name: checkout, user: people.id, units: people.units }
    feeders:
      people: { csv: people.csv, order: unique }
      more: { rows: [{ id: 1 }] }
    catalog: { skus: 10, stockPerSku: 100 }
    load: { executor: constant-vus, vus: 2, duration: 10s }
`);
    writeFileSync(join(dirname(path), 'people.csv'), rows);
    return path;
  };

  it('says in its plan what it takes from which rows', async () => {
    const file = fileWith('id,units\n7,1\n8,2\n9,3\n');
    const { exitCode, stdout } = await trade(['run', 'shop', '--dry-run', '-f', file]);
    expect(exitCode).toBe(0);
    const plan = stdout.replaceAll(/\s+/g, ' ');
    expect(plan).toContain('Feeder people: 3 rows of ');
    expect(plan).toContain(
      'people.csv, each for one virtual user alone, then the load ends; for user, units',
    );
    expect(plan).toContain('Feeder more: not used');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    ['a plan', ['run', 'shop', '--dry-run', '-f']],
    // A Redis that nobody could reach: had the run begun, it would end with exit code 3.
    ['a run', ['run', 'shop', '--services', 'given', '--redis', 'redis://127.0.0.1:1', '-f']],
    ['a check of the file', ['scenarios', 'validate', '-f']],
  ])('is refused for a wrong row before anything is started: %s', { timeout: 30_000 }, async (_, argv) => {
    const ended = await trade([...argv, fileWith('id,units\n7,1\n8,none\n')]);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain('people.csv:3: "none" in column "units" is not a whole number from 1');
  });
});

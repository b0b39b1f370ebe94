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

import { describe, expect, it } from 'vitest';
import { trade } from './shell.ts';

/** What is refused is refused before anything is started, so these need no services. */
describe('trade-sim compare', () => {
  it.each([
    [['--vary', 'lock=tokne,none'], 'token'],
    [['--vary', 'lock='], 'varies nothing'],
    [['--vary', 'lock'], 'varies nothing'],
    [['--vary', 'engine.nonsense=1,2'], 'nonsense'],
    [['--vary', 'lock=none', '--rounds', '0'], 'whole number'],
    [['--vary', 'lock=none', '--rounds', '2.5'], 'whole number'],
    [['--vary', `seed=${Array.from({ length: 101 }, (_, i) => i).join(',')}`], 'too many'],
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
});

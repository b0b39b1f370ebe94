import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/cli/command-line.ts';

describe('the command line in a result', () => {
  it('is as short as it was typed where nothing needs quotes', () => {
    expect(commandLine(['run', 'flash-sale', '--rate', '500/s', '--set', 'engine.lock.ttlMs=500'])).toBe(
      'trade-sim run flash-sale --rate 500/s --set engine.lock.ttlMs=500',
    );
  });

  it('means the same words to a shell', () => {
    const awkward = [
      '',
      ' ',
      "it's",
      '"',
      '$HOME',
      '`id`',
      'a\\b',
      'a\nb',
      '*',
      '~',
      ';',
      '#',
      '{ stock: lua }',
    ];
    const typed = commandLine(awkward).replace('trade-sim', 'printf "%s\\0"');
    expect(execFileSync('sh', ['-c', typed], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(awkward);
  });

  it('holds no password, whatever it is made of', () => {
    const password = fc.string({ minLength: 6 }).filter((text) => !/[/:@]/.test(text) && !text.includes('*'));
    fc.assert(
      fc.property(password, fc.constantFrom('--redis=', ''), (secret, flag) => {
        const line = commandLine(['run', 'shop', `${flag}redis://user:${secret}@127.0.0.1:6379/0`]);
        expect(line).toContain('redis://user:***@127.0.0.1:6379/0');
        expect(line).not.toContain(secret);
      }),
    );
    expect(commandLine(['postgres://127.0.0.1/shop?password=secret&x=1'])).not.toContain('secret');
  });
});

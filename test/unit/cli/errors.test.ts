import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { scenariosFile, temporaryFolder, trade } from './shell.ts';

// To load all of trade-sim takes a second, which is no part of any test.
beforeAll(async () => void (await import('../../../src/cli/actions/run.ts')), 60_000);

afterEach(() => {
  vi.restoreAllMocks();
});

/** Wrong command lines end in a message on standard error and exit code 2, before anything is started. */
const refused = async (argv: readonly string[], env: Record<string, string> = {}): Promise<string> => {
  const connect = vi.spyOn(Socket.prototype, 'connect');
  const { exitCode, stdout, stderr } = await trade(argv, env);
  expect(connect).not.toHaveBeenCalled();
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).not.toMatch(/^ +at /m);
  return stderr;
};

describe('a name that is not known', () => {
  it.each([
    [['rum', 'flash-sale'], '(Did you mean run?)'],
    [['scenarios', 'shwo'], '(Did you mean show?)'],
    [['run', 'flash-sale', '--vuss', '5'], '(Did you mean --vus?)'],
    [['run', 'flash-sal'], 'Did you mean "flash-sale"?'],
    [['run', 'flash-sale', '--lock', 'tokn'], 'Did you mean "token"?'],
    [['run', 'flash-sale', '--set', 'load.rat=5/s'], 'Did you mean "rate"?'],
    [['strategies', 'show', 'tokne'], 'Did you mean "token"?'],
    [['strategies', 'show', 'lok', 'token'], 'Did you mean "lock"?'],
    [['strategies', 'show', 'stock', 'token'], 'there is no strategy "token"'],
    [['strategies', 'show', 'lock', 'token', 'setnx'], 'strategies show lock token'],
    [['run', 'flash-sale', '--services', 'cloud'], 'Allowed choices are auto, given, local'],
  ])('is refused with the nearest known one: %j', async (argv, hint) => {
    const message = await refused(argv);
    expect(message).toMatch(/^trade-sim: /);
    expect(message).toContain(hint);
  });
});

describe('wrong values', () => {
  it('are told all at once', async () => {
    const message = await refused(
      [
        'run',
        'shop',
        '-f',
        scenariosFile(),
        '--vus',
        '0',
        '--duration',
        '10 sec',
        '--set',
        'catalog.stockPerSku=-1',
      ],
      { TRADE_SIM_NODES: 'many' },
    );
    for (const blamed of [
      '--vus 0',
      '--duration 10 sec',
      '--set catalog.stockPerSku=-1',
      'TRADE_SIM_NODES=many',
    ])
      expect(message).toContain(blamed);
  });

  it('of --set name what to write', async () => {
    expect(await refused(['run', 'flash-sale', '--set', 'load.rate'])).toContain('--set load.rate=500/s');
    expect(await refused(['run', 'flash-sale', '--set', '=5'])).toContain('is not a path');
    expect(await refused(['run', 'flash-sale', '--set', 'seed=[1'])).toContain('--set seed=[1');
    expect(await refused(['run', 'flash-sale', '--set', 'seed.x=1'])).toContain('has no fields of its own');
  });

  it('of a variable are refused as a flag’s are', async () => {
    expect(await refused(['run', 'flash-sale'], { TRADE_SIM_SERVICES: 'lokal' })).toContain(
      'TRADE_SIM_SERVICES=lokal is not known\n  Did you mean "local"?',
    );
    expect(await refused(['run', 'flash-sale'], { TRADE_SIM_LOCK: 'tokn' })).toContain('TRADE_SIM_LOCK=tokn');
  });
});

describe('a file', () => {
  it('that is not there is refused, and how to name another', async () => {
    const message = await refused(['run', 'shop', '--file', join(temporaryFolder(), 'none.yml')]);
    expect(message).toContain('none.yml cannot be read: ENOENT');
    expect(message).toContain('--file');
  });

  it('that the result cannot go to is refused before the run', async () => {
    const folder = temporaryFolder();
    const file = scenariosFile();
    for (const [path, reason] of [
      [join(folder, 'missing', 'result.json'), 'ENOENT'],
      [folder, 'it is a folder'],
      [join(file, 'result.json'), 'is not a folder'],
      ['', 'it has no name'],
    ] as const)
      expect(await refused(['run', 'flash-sale', `--json=${path}`])).toContain(reason);
    expect(readFileSync(file, 'utf8')).toContain('shop:');
  });
});

describe('a host that is not this machine', () => {
  const REMOTE = 'redis://user:secret@192.0.2.1:6379';

  it('is refused before any connection, wherever it is named', async () => {
    const file = scenariosFile(`${readFileSync(scenariosFile(), 'utf8')}services:\n  redis: ${REMOTE}\n`);
    for (const [argv, env] of [
      [['run', 'flash-sale', '--redis', REMOTE], {}],
      [['run', 'flash-sale'], { REDIS_URL: REMOTE }],
      [['run', 'shop', '--file', file], {}],
      [['run', 'flash-sale', '--services', 'given', '--postgres', 'postgres://db.example.com/shop'], {}],
    ] as [string[], Record<string, string>][]) {
      const message = await refused(argv, env);
      expect(message).toContain('is not on this machine');
      expect(message).toContain('--allow-remote');
      expect(message).not.toContain('secret');
    }
  });
});

describe('--debug', () => {
  const SECRET = 'redis://user:secret@127.0.0.1:1/scenarios.yml';

  it('prints the stack and its causes, and no password', async () => {
    for (const argv of [
      ['--debug', 'run', 'shop', '--file', SECRET],
      ['run', 'shop', '--debug', '--file', SECRET],
    ]) {
      const { exitCode, stderr } = await trade(argv);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^ +at .*scenario-choice/m);
      expect(stderr).toContain('caused by: Error: ENOENT');
      expect(stderr).not.toContain('secret');
    }
  });

  it('is needed for a stack', async () => {
    expect(await refused(['run', 'shop', '--file', SECRET])).not.toContain('secret');
  });
});

describe('what a message repeats', () => {
  it('has neither passwords nor control sequences in it', async () => {
    const message = await refused(['run', 'flash-sale', '--redsi=redis://user:secret@h\u001B[2J\u0007']);
    expect(message).toContain('--redsi=redis://user:***@h');
    expect(message).not.toMatch(/secret|\p{Cc}(?<!\n)/u);
    expect(await refused(['run', 'flash\u001B[2Jsale'])).not.toContain('\u001B');
  });
});

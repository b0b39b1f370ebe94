import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownCreations } from '../../../src/engine/own-strategies.ts';
import { importModules } from '../../../src/scenarios/import-modules.ts';
import { scenariosFile, temporaryFolder, trade } from '../cli/shell.ts';

const LOCK = `
export default {
  port: 'lock', name: 'mine', summary: 'a lock of my own',
  guarantees: { mutualExclusion: 'none', survivesCrash: true, fair: false, wakesWaiters: false },
  uses: [],
  open: () => ({ acquire: async () => ({ kind: 'contended', waitedMs: 0 }) }),
};`;

/** With an option `ttlMs`, checked by a schema that is not zod's. */
const WITH_OPTION = LOCK.replace(
  'uses: [],',
  `uses: [],
  options: { '~standard': { version: 1, vendor: 'test', validate: ({ ttlMs = 5, ...rest }) => {
    const issues = Object.keys(rest).map((key) => ({ message: 'what is this?', path: [key] }));
    if (typeof ttlMs !== 'number') issues.push({ message: 'is no number', path: [{ key: 'ttlMs' }] });
    return issues.length > 0 ? { issues } : { value: { ttlMs } };
  } } },`,
);

/** A folder with a module. Each is imported once in a process, so each has a path of its own. */
const moduleWith = (
  text: string,
): { readonly folder: string; readonly path: string; readonly url: string } => {
  const folder = temporaryFolder();
  const path = join(folder, 'mine.mjs');
  writeFileSync(path, text);
  return { folder, path, url: pathToFileURL(path).href };
};

const fileWith = (lock: string) =>
  `scenarios:
  shop:
    journey: checkout
    catalog: { stockPerSku: 100 }
    engine: { lock: ${lock} }
    load: { executor: constant-vus, vus: 5, duration: 10s }
`;

const show = (...argv: string[]) => trade(['scenarios', 'show', 'shop', ...argv]);
const told = async (...argv: string[]) => {
  const { exitCode, stderr } = await show('-f', scenariosFile(), ...argv);
  return { exitCode, problems: stderr.trimEnd().split('\n') };
};

describe('a strategy of the user', () => {
  it('is chosen by a path on the command line, and reads back by its URL', async () => {
    const { path, url } = moduleWith(LOCK);
    for (const argv of [
      ['--lock', path],
      ['--lock', url],
      ['--set', `engine.lock=${path}`],
      ['--set', `engine.lock.name=${path}`],
    ]) {
      const { exitCode, stdout } = await show('-f', scenariosFile(), ...argv);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`lock: ${url}\n`);
    }
  });

  it('is chosen in a file by a path from the file', async () => {
    const { folder, url } = moduleWith(LOCK);
    const file = join(folder, 'shop.yml');
    for (const lock of ['./mine.mjs', '{ name: ./mine.mjs }', `../${folder.split('/').at(-1)!}/mine.mjs`]) {
      writeFileSync(file, fileWith(lock));
      expect((await show('-f', file)).stdout).toContain(`lock: ${url}\n`);
      expect((await trade(['scenarios', 'validate', file])).exitCode).toBe(0);
    }
  });

  it('is named as its own in the plan', async () => {
    const { path } = moduleWith(LOCK);
    const { stdout } = await trade(['run', 'shop', '-f', scenariosFile(), '--lock', path, '--dry-run']);
    expect(stdout).toContain('lock own:mine,');
  });

  it('is explained', async () => {
    const { path } = moduleWith(WITH_OPTION);
    const { stdout } = await trade(['strategies', 'show', path]);
    expect(stdout).toMatch(/^lock own:mine: a lock of my own$/m);
    expect(stdout).toContain('mutual exclusion: none');
    expect(stdout).toContain('checked by a schema of its own');
  });

  it('has its options checked by its own schema', async () => {
    const { path } = moduleWith(WITH_OPTION);
    expect(
      (await show('-f', scenariosFile(), '--lock', path, '--set', 'engine.lock.ttlMs=9')).stdout,
    ).toMatch(/ttl: 9ms|ttlMs: 9/);
    const { exitCode, problems } = await told(
      '--lock',
      path,
      '--set',
      'engine.lock.ttlMs=x',
      '--set',
      'engine.lock.tll=3',
    );
    expect(exitCode).toBe(2);
    expect(problems).toEqual([
      expect.stringContaining('--set engine.lock.tll=3: what is this?'),
      expect.stringContaining('--set engine.lock.ttlMs=x: is no number'),
    ]);
  });

  it('has no options without a schema', async () => {
    const { path } = moduleWith(LOCK);
    const { exitCode, problems } = await told('--lock', path, '--set', 'engine.lock.ttlMs=9');
    expect(exitCode).toBe(2);
    expect(problems.join()).toContain('ttlMs');
  });

  it('is not imported unless it is named', async () => {
    const { folder } = moduleWith('throw new Error("imported")');
    const file = join(folder, 'shop.yml');
    writeFileSync(file, fileWith('./mine.mjs'));
    expect((await show('-f', file, '--lock', 'token')).exitCode).toBe(0);
    expect((await show('-f', file)).stderr).toContain('cannot be imported: imported');
  });

  it('may create queues as a lock too, which the run then removes', async () => {
    const creates = { exchanges: ['news'], queues: ['mine.0', 'mine.1'] };
    const { url: creating } = moduleWith(
      LOCK.replace('uses: []', `creates: ${JSON.stringify(creates)}, uses: []`),
    );
    const { url: plain } = moduleWith(LOCK);
    await importModules([creating, plain]);
    const chosen = { name: 'own:mine', options: {} };
    const queue = { name: 'confirm', options: {} };
    expect(ownCreations({ lock: { ...chosen, module: creating }, queue })).toEqual(creates);
    const nothing = { exchanges: [], queues: [] };
    expect(ownCreations({ lock: { ...chosen, module: plain }, queue })).toEqual(nothing);
  });

  it('needs the lock that it asks for', async () => {
    const { path } = moduleWith(LOCK);
    const { exitCode, problems } = await told('--lock', path, '--stock', 'fenced-write');
    expect(exitCode).toBe(2);
    expect(problems.join()).toContain(
      '"fenced-write" needs a lock that gives a fence, and "own:mine" gives none',
    );
  });
});

describe('a module that cannot be used', () => {
  it.each([
    ['throws', 'throw new Error("no luck");', /cannot be imported: no luck/],
    ['misses a module', 'import "./nothing.mjs";', /cannot be imported: Cannot find module .+nothing\.mjs/],
    ['exports nothing', 'export const lock = 1;', /has no strategy as its default export/],
    [
      'is of no port',
      LOCK.replace("'lock'", "'locks'"),
      /its port "locks" is not known \(Did you mean "lock"\?\)/,
    ],
    ['cannot be opened', LOCK.replace('open:', 'opens:'), /its open must be a function/],
    [
      'promises something else',
      LOCK.replace("'none'", "'always'"),
      /its guarantees\.mutualExclusion "always" is not known/,
    ],
    ['leaves a promise open', LOCK.replace('fair: false,', ''), /its guarantees\.fair is missing/],
    ['is for another port', LOCK, /is the module of a lock strategy \(Choose it with --lock\.\)/],
  ])('because it %s', async (_why, text, message) => {
    const { path } = moduleWith(text);
    const port = message.source.includes('Choose it') ? '--stock' : '--lock';
    const { exitCode, problems } = await told(port, path);
    expect(exitCode).toBe(2);
    expect(problems[0]).toMatch(new RegExp(`^trade-sim: ${port} .+mine\\.mjs: `));
    expect(problems[0]).toMatch(message);
  });

  it('because its name looks like one of ours', async () => {
    const { exitCode, problems } = await told('--lock', 'mine.js');
    expect(exitCode).toBe(2);
    expect(problems[0]).toBe(
      'trade-sim: --lock mine.js: "mine.js" is not known (A module of yours: ./mine.js)',
    );
  });

  it('with all that is wrong, and what is wrong beside it, at once', async () => {
    const { path } = moduleWith(
      LOCK.replace("name: 'mine'", "name: 'Mine!'").replace('uses: []', "uses: ['kafka']"),
    );
    const { problems } = await told('--lock', path, '--stock', 'lau', '--nodes', '0');
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(/its name must be lower-case[^]+its uses\.0 "kafka" is not known/);
  });
});

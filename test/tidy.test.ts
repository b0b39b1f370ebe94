import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { INVARIANTS } from '../src/audit/check.ts';
import { REGISTRY, type StrategyPort } from '../src/engine/registry.ts';
import { ExitCode } from '../src/kernel/exit-codes.ts';
import {
  brokenLinks,
  importCircles,
  importsOf,
  longFiles,
  machineTraces,
  strayFiles,
  switchedTests,
  upwardImports,
  type SourceFile,
} from './support/tidy-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NOT_OURS = new Set(['node_modules', 'dist', 'build', 'coverage', '.git']);
const TEXT = /\.(?:ts|js|json|md|ya?ml|lua)$|(?:^|\/)(?:\.ci\/run|LICENSE)$/;

const pathsUnder = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths = await Promise.all(
    entries
      .filter(({ name }) => !NOT_OURS.has(name))
      .map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? pathsUnder(path) : Promise.resolve([path]);
      }),
  );
  return paths.flat();
};

const readSource = async (path: string): Promise<SourceFile> => ({
  path,
  text: await readFile(join(ROOT, path), 'utf8'),
});

const paths = (await pathsUnder(ROOT)).map((path) => relative(ROOT, path).split(sep).join('/'));
const files = await Promise.all(paths.filter((path) => TEXT.test(path)).map(readSource));
const source = files.filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts'));
const tests = files.filter(({ path }) => path.startsWith('test/') && path.endsWith('.ts'));
const documents = files.filter(({ path }) => path.endsWith('.md'));

describe('source', () => {
  test('there is some', () => expect(source.length).toBeGreaterThan(20));
  test('each file is in a layer', () => expect(strayFiles(source)).toEqual([]));
  test('imports point down only', () => expect(upwardImports(source)).toEqual([]));
  test('imports run in no circle', () => expect(importCircles(source)).toEqual([]));
  test('no file is too long to read in one sitting', () => expect(longFiles(source)).toEqual([]));
});

test('no test is switched off', () => expect(switchedTests(tests)).toEqual([]));
test('nothing names the machine it was written on', () => expect(machineTraces(files)).toEqual([]));
test('links between documents lead somewhere', () =>
  expect(brokenLinks(documents, new Set(paths))).toEqual([]));

/** Literal folders: the bundler behind vitest asks for them. */
const MODULE_OF: Readonly<Record<StrategyPort, (name: string) => Promise<Record<string, unknown>>>> = {
  lock: (name) => import(`../src/engine/lock/${name}.ts`),
  stock: (name) => import(`../src/engine/stock/${name}.ts`),
  cache: (name) => import(`../src/engine/cache/${name}.ts`),
  queue: (name) => import(`../src/engine/queue/${name}.ts`),
};

describe.each(Object.keys(REGISTRY) as StrategyPort[])('%s strategies', (port) => {
  const folder = `src/engine/${port}/`;
  const names = source
    .map(({ path }) => path)
    .filter((path) => path.startsWith(folder) && path !== `${folder}port.ts`)
    .map((path) => path.slice(folder.length, -'.ts'.length));
  const registered = REGISTRY[port];

  test('each is registered by its own name, from the file of that name', () => {
    for (const [name, strategy] of Object.entries(registered)) {
      expect(strategy.name).toBe(name);
      expect(names).toContain(name);
    }
  });

  test.each(names)('%s is in the registry, or is a part of those that are', async (name) => {
    const exported = Object.values(await MODULE_OF[port](name));
    const strategies = exported.filter(
      (value) => typeof value === 'object' && value !== null && 'open' in value && 'guarantees' in value,
    );
    expect(strategies).toEqual(name in registered ? [registered[name]] : []);
  });

  test('nothing but the registry imports them', () => {
    const importers = source
      .filter(({ path }) => path !== 'src/engine/registry.ts')
      .filter((file) =>
        importsOf(file).some((path) =>
          Object.keys(registered).some((name) => path === `${folder}${name}.ts`),
        ),
      )
      .map(({ path }) => path);
    expect(importers).toEqual([]);
  });
});

describe('documents keep up with the code', () => {
  const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';

  test.each(INVARIANTS.map(({ name, statement }) => [name, statement]))(
    'docs/invariants.md: %s',
    (name, statement) => {
      expect(textOf('docs/invariants.md')).toContain(`## ${name}\n\n${statement}\n`);
      expect(paths).toContain(`src/audit/invariants/${name}.ts`);
    },
  );

  test('docs/writing-a-strategy.md shows the example as it is', () => {
    const [, shown] = /```js\n([^]*?)```/.exec(textOf('docs/writing-a-strategy.md')) ?? [];
    expect(shown).toBe(textOf('docs/examples/my-lock.js'));
  });

  test.each(Object.values(ExitCode))('docs/exit-codes.md: %i', (code) => {
    expect(textOf('docs/exit-codes.md')).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Home, resultOf, STACK_TRACE, verdictsOf } from './trade-sim.ts';

const home = new Home();
afterAll(() => home.remove());

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const EXAMPLE = pathOf('../docs/examples/my-lock.js');
const QUIET = ['--services', 'embedded', '--quiet'];
const SHORT = ['--vus', '20', '--duration', '1s', '--warmup', '0s', ...QUIET];

describe('strategies check', () => {
  test('finds nothing in the documented example, in simulated time', async () => {
    const { exitCode, stdout } = await home.run(['strategies', 'check', EXAMPLE, ...QUIET]);
    expect(stdout).toMatch(
      /^✔ HELD {2}lock own:my-lock {2}\(exit 0\)\n {2}Of 13 properties 0 broken, 10 held/,
    );
    expect(stdout).toContain('Real servers were not there');
    expect(exitCode).toBe(0);
  });

  test('says what a broken lock breaks', async () => {
    const path = pathOf('fixtures/strategies/no-token.js');
    const { exitCode, stdout } = await home.run(['strategies', 'check', path, '--json', ...QUIET]);
    expect(exitCode).toBe(4);
    const { properties, ...check } = JSON.parse(stdout) as {
      readonly properties: readonly { readonly name: string; readonly verdict: string }[];
    };
    expect(check).toMatchObject({
      schema: 'trade-sim.strategy-check/1',
      strategy: { port: 'lock', name: 'own:no-token' },
      verdict: 'broken',
      exitCode: 4,
    });
    expect(properties.filter(({ verdict }) => verdict === 'broken').map(({ name }) => name)).toEqual([
      'a holder that outlives its lease is told, and leaves the next holder its lock',
    ]);
  });

  test('has no verdict on what promises nothing, and asks which of two it is about', async () => {
    expect((await home.run(['strategies', 'check', 'lock', 'none', ...QUIET])).exitCode).toBe(7);
    const { exitCode, stderr } = await home.run(['strategies', 'check', 'none', ...QUIET]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('"none" is not one strategy but 2');
  });
});

describe('a run with a strategy of the user', () => {
  test('is audited like any other, and names it', async () => {
    const ended = await home.run([
      'run',
      'flash-sale',
      '--lock',
      EXAMPLE,
      '--set',
      'engine.lock.ttlMs=3000',
      '--stock',
      'read-modify-write',
      '--json',
      ...SHORT,
    ]);
    const result = resultOf(ended);
    expect(result.run.strategies.lock).toBe('own:my-lock');
    expect(result.orders.accepted).toBeGreaterThan(0);
    expect(verdictsOf(result)).toMatchObject({ 'no-oversell': 'held', 'no-lost-orders': 'held' });
  });

  test('ends with the name of the module that failed', async () => {
    const folder = join(home.folder, 'own');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'failing.mjs'),
      `export default {
  port: 'lock', name: 'failing', summary: 'fails',
  guarantees: { mutualExclusion: 'none', survivesCrash: true, fair: false, wakesWaiters: false },
  uses: [],
  open: () => ({ acquire: async () => undefined.nothing }),
};`,
    );
    const { exitCode, stderr } = await home.run([
      'run',
      'flash-sale',
      '--lock',
      './own/failing.mjs',
      ...SHORT,
    ]);
    expect(stderr).toMatch(/the strategy own:failing failed in acquire\(\): .+failing\.mjs:5/);
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(exitCode).toBe(2);
  });
});

describe('a module that cannot be imported', () => {
  test.each([
    ['nowhere.mjs', undefined, /nowhere\.mjs: cannot be imported: there is no such file$/m],
    [
      'broken.mjs',
      'export default {',
      /broken\.mjs: cannot be imported: .+ \(node --check shows the place\.\)$/m,
    ],
    ['raw.foo', 'export default {}', /raw\.foo: cannot be imported: .+\(Build it to JavaScript first\.\)$/m],
  ])('%s', async (name, text, message) => {
    if (text !== undefined) writeFileSync(join(home.folder, name), text);
    const { exitCode, stderr } = await home.run(['run', 'flash-sale', '--lock', `./${name}`, ...QUIET]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(exitCode).toBe(2);
  });
});

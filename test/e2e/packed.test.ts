import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trade-sim-packed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = promisify(execFile);

/** A lock in TypeScript, whose types and options come from the package alone. */
const LOCK = `import { type OwnLock, z } from 'trade-sim/strategy';

const options = z.strictObject({ ttlMs: z.int().default(100) });

export default {
  port: 'lock',
  name: 'typed',
  summary: 'always contended',
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: true, fair: false, wakesWaiters: false },
  uses: ['redis'],
  options,
  open: ({ ttlMs }, { redis, clock }) => ({
    async acquire({ keys }) {
      const startedMs = clock.now();
      await redis.call('SET', keys[0]!, 'token', 'NX', 'PX', ttlMs);
      return { kind: 'contended', waitedMs: clock.now() - startedMs };
    },
  }),
} satisfies OwnLock<z.infer<typeof options>>;
`;

test('the package, installed in an empty folder, runs, and types strategies', async () => {
  // The build that is tested here is the one that is packed: no script builds it anew.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
  const [archive] = readdirSync(folder);
  const cwd = join(folder, 'empty');
  mkdirSync(cwd);
  await run('npm', ['init', '--yes'], { cwd });
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, archive!)], {
    cwd,
  });

  const trade = (...args: string[]) => run('npx', ['--no', 'trade-sim', '--', ...args], { cwd });
  const { stdout } = await trade('run', 'flash-sale', '--services', 'embedded', '--duration', '1s');
  // On a busy machine the load generator may be over its limits.
  expect(stdout).toMatch(/^(?:✔ PASSED|\? INCONCLUSIVE) {2}flash-sale {2}\(exit 0\)$/m);
  expect((await trade('--version')).stdout).toMatch(/^\d+\.\d+\.\d+$/m);

  copyFileSync(join(cwd, 'node_modules/trade-sim/docs/examples/my-lock.js'), join(cwd, 'my-lock.mjs'));
  expect((await trade('strategies', 'show', './my-lock.mjs')).stdout).toContain('ttlMs (5000): length');
  writeFileSync(join(cwd, 'typed.mts'), LOCK);
  writeFileSync(join(cwd, 'wrong.mts'), LOCK.replace("'contended'", "'refused'"));
  const tsc = (...files: string[]) =>
    run(
      join(ROOT, 'node_modules/.bin/tsc'),
      [
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--allowJs',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        ...files,
      ],
      { cwd },
    );
  await tsc('typed.mts', 'my-lock.mjs');
  await expect(tsc('wrong.mts')).rejects.toMatchObject({
    stdout: expect.stringContaining('"refused"') as string,
  });
});

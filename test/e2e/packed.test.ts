import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trade-sim-packed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = promisify(execFile);

test('the package, installed in an empty folder, runs', async () => {
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
  expect(stdout).toMatch(/^✔ PASSED {2}flash-sale {2}\(exit 0\)$/m);
  expect((await trade('--version')).stdout).toMatch(/^\d+\.\d+\.\d+$/m);
});

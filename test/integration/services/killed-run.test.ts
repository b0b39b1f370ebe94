import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readInstance } from '../../../src/services/instance.ts';
import { isAlive } from '../../../src/services/process-mark.ts';
import { reapOrphans } from '../../../src/services/reap.ts';
import { processesNaming } from './traces.ts';

const SCRIPT = fileURLToPath(new URL('provision-and-hang.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../../../dist/services/provision.js', import.meta.url));

let home = '';
let run: ChildProcess | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'killed-run-test-'));
  chmodSync(home, 0o711);
  vi.stubEnv('TMPDIR', home);
  vi.stubEnv('XDG_STATE_HOME', join(home, 'state'));
});

afterEach(async () => {
  run?.kill('SIGKILL');
  await reapOrphans();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test('no process is left 5 s after a SIGKILL of the run, and the next one removes its folder', async () => {
  expect(existsSync(BUILT), 'the package is built: npm run build').toBe(true);
  run = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(run.stdout!, 'data');
  const [name] = readdirSync(home).filter((entry) => entry.startsWith('trade-sim-'));
  const folder = join(home, name!);
  const { processes, owner } = readInstance(folder)!;
  expect(owner.pid).toBe(run.pid);
  expect(processes).toHaveLength(4);
  expect(processesNaming(folder)).not.toEqual([]);

  run.kill('SIGKILL');
  await vi.waitFor(
    async () => {
      expect(await Promise.all(processes.map(isAlive))).toEqual([false, false, false, false]);
      expect(processesNaming(folder)).toEqual([]);
    },
    { timeout: 5_000, interval: 50 },
  );
  expect(await reapOrphans()).toContainEqual({ folder, processes: 0, problem: undefined });
  expect(existsSync(folder)).toBe(false);
});

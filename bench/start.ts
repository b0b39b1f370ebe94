import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, printBar } from './kit/rounds.ts';

/** From the command to its effect: the help, services up and down, the first order of an embedded run. */
const ROUNDS = 5;
const LIMIT_MS = 60_000;
const HELP_BAR_S = 0.2;
const FIRST_ORDER_BAR_S = 1.5;
const UP_BAR_S = 10;
const DOWN_BAR_S = 3;

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
/** Of its own, so that no services that somebody keeps are meant. */
const state = mkdtempSync(join(tmpdir(), 'trade-sim-bench-'));
const run = async (...args: string[]): Promise<string> => {
  const env = { ...process.env, XDG_STATE_HOME: state };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
    env,
    timeout: LIMIT_MS,
    maxBuffer: 64 * 2 ** 20,
  });
  return stdout;
};

const secondsOf = async (...args: string[]): Promise<number> => {
  const startedMs = performance.now();
  await run(...args);
  return (performance.now() - startedMs) / 1_000;
};

/** The load's own start, on the same clock as the command's. */
const firstOrderSeconds = async (): Promise<number> => {
  const startedMs = Date.now();
  const flags = ['--services', 'embedded', '--warmup', '0s', '--duration', '1s', '--json', '--quiet'];
  const { run: ran } = JSON.parse(await run('run', 'flash-sale', ...flags)) as { run: { startedAt: string } };
  return (Date.parse(ran.startedAt) - startedMs) / 1_000;
};

const medianOf = async (rounds: number, measure: () => Promise<number>): Promise<number> => {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) seconds.push(await measure());
  return median(seconds);
};

try {
  printBar('s to --help', await medianOf(ROUNDS, () => secondsOf('--help')), '<=', HELP_BAR_S);
  printBar('s to an embedded load', await medianOf(ROUNDS, firstOrderSeconds), '<=', FIRST_ORDER_BAR_S);
  printBar('s to services up', await secondsOf('services', 'up'), '<=', UP_BAR_S);
  printBar('s to services down', await secondsOf('services', 'down'), '<=', DOWN_BAR_S);
} finally {
  rmSync(state, { recursive: true, force: true });
}

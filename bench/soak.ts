import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '../src/report/model.ts';
import { MEGABYTE } from './kit/heap.ts';
import { printBar } from './kit/rounds.ts';
import type { Sample } from './kit/sample-memory.ts';

/**
 * Whether memory grows with a run: a flash sale at full rate in a process of its own, whose threads all say what
 * they hold after a full collection. `npm run bench -- soak --minutes 10 [--services embedded]`
 */
const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    minutes: { type: 'string', default: '2' },
    services: { type: 'string', default: 'local' },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 1)) throw new Error('--minutes is more than the one that is left out');
/** Caches, pools and the heap's own sizes settle in it. */
const LEFT_OUT_MS = 60_000;
const HEAP_BAR_MB_PER_MINUTE = 1;

const scenario = {
  journey: { name: 'flash-sale', readsPerOrder: 1, doubleClickShare: 0.1, botShare: 0 },
  catalog: { skus: 1, stockPerSku: 1_000_000_000, limitPerUser: 0 },
  engine: { nodes: 2, lock: 'none', stock: 'lua', cache: 'aside', queue: 'confirm' },
  load: { executor: 'constant-vus', vus: 400, duration: `${minutes * 60}s`, warmup: '1s' },
};

const soak = async (folder: string): Promise<{ result: Result; samples: Sample[] }> => {
  const [file, json, samples] = ['soak.yml', 'result.json', 'samples'].map((name) => join(folder, name));
  writeFileSync(file!, JSON.stringify({ scenarios: { soak: scenario } }));
  const sampler = new URL('./kit/sample-memory.js', import.meta.url).href;
  const main = new URL('../src/cli/main.js', import.meta.url).pathname;
  const flags = ['run', 'soak', '--file', file!, '--services', values.services, '--json', json!];
  const run = spawn(process.execPath, [main, ...flags], {
    env: { ...process.env, NODE_OPTIONS: `--import ${sampler}`, SOAK_SAMPLES: samples! },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exitCode] = (await once(run, 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`the run ended with exit code ${exitCode}`);
  return {
    result: JSON.parse(readFileSync(json!, 'utf8')) as Result,
    samples: readFileSync(samples!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Sample),
  };
};

/** Growth in bytes a minute: the slope of the least-squares line. */
const slope = (points: readonly (readonly [atMs: number, bytes: number])[]): number => {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanMs, meanBytes] = [mean(([atMs]) => atMs), mean(([, bytes]) => bytes)];
  const covariance = mean(([atMs, bytes]) => (atMs - meanMs) * (bytes - meanBytes));
  return (covariance / mean(([atMs]) => (atMs - meanMs) ** 2)) * 60_000;
};

const perMinute = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(2)} MB a minute`;

const folder = mkdtempSync(join(tmpdir(), 'soak-'));
try {
  const { result, samples } = await soak(folder);
  const { orders, run } = result;
  console.log(
    `${orders.attempted} orders in ${run.durationMs / 1_000} s, ${orders.attemptedPerSecond.toFixed(0)}/s`,
  );
  const startedMs = Date.parse(run.startedAt);
  const steady = samples.filter(
    ({ atMs }) => atMs >= startedMs + LEFT_OUT_MS && atMs <= startedMs + run.durationMs,
  );
  for (const thread of [...new Set(steady.map((sample) => sample.thread))].toSorted()) {
    const own = steady.filter((sample) => sample.thread === thread);
    const [first, last] = [own[0]!, own.at(-1)!];
    const range = (of: (sample: Sample) => number) =>
      `${(of(first) / MEGABYTE).toFixed(1)} to ${(of(last) / MEGABYTE).toFixed(1)} MB`;
    const heap = slope(own.map(({ atMs, heapBytes }) => [atMs, heapBytes]));
    const buffers = slope(own.map(({ atMs, bufferBytes }) => [atMs, bufferBytes]));
    console.log(`${thread}: heap ${range((s) => s.heapBytes)}, buffers ${range((s) => s.bufferBytes)}`);
    printBar(`${thread}: MB of heap more each minute`, heap / MEGABYTE, '<=', HEAP_BAR_MB_PER_MINUTE);
    console.log(`       buffers ${perMinute(buffers)}`);
  }
  const resident = slope(steady.map(({ atMs, rssBytes }) => [atMs, rssBytes]));
  console.log(`process: resident ${perMinute(resident)}`);
} finally {
  rmSync(folder, { recursive: true });
}

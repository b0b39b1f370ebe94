import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CacheStrategy } from '../../../src/engine/cache/port.ts';
import { rememberModule } from '../../../src/engine/own-strategies.ts';
import { REGISTRY } from '../../../src/engine/registry.ts';
import { WorkerPool } from '../../../src/load/pool.ts';
import type { WorkerTask } from '../../../src/load/protocol.ts';
import type { WorkerThreads } from '../../../src/load/threads.ts';
import work from '../../../src/load/worker.ts';
import { resolveScenario } from '../../../src/scenarios/overrides.ts';

const MODULE = 'file:///settling.js';
const aside = REGISTRY.cache['aside']!;

/** Each lets one cache come to rest that was asked to. */
let releases: (() => void)[];

const settling: CacheStrategy = {
  ...aside,
  open: (_options, context) => ({
    ...aside.open(aside.options.parse({}), context),
    settle: () => new Promise((resolve) => releases.push(resolve)),
  }),
};

/** The worker itself, in this thread. */
const threads = { run: (task: WorkerTask) => work(task), end: async () => {} } as unknown as WorkerThreads;

const segment = () => {
  const file = { path: 'scenarios.yml', text: readFileSync('scenarios.yml', 'utf8') };
  const scenario = resolveScenario(file, 'flash-sale', []);
  const cache = { name: 'own:settling', options: {}, module: MODULE };
  const engine = { ...scenario.engine, cache, nodes: 2 };
  return { runId: 'settling', scenario: { ...scenario, engine }, feeds: {}, nodes: [0, 1], services: {} };
};

let pool: WorkerPool;

beforeEach(async () => {
  releases = [];
  rememberModule(MODULE, { kind: 'usable', port: 'cache', strategy: settling });
  pool = new WorkerPool(threads, [segment()], () => {});
  await pool.space().prepare();
});
afterEach(() => pool.close());

test('a pool has settled when the caches of all its nodes have', async () => {
  await pool.open();
  let settled = false;
  const waiting = pool.settle().then(() => (settled = true));
  for (const released of [0, 1]) {
    // Answered in order: by then the caches of both nodes have been asked.
    await pool.flow();
    expect([releases.length, settled]).toEqual([2, false]);
    releases[released]!();
  }
  await waiting;
});

test('the orders that measure a lock alone leave no change of a page on its way', async () => {
  let measured = false;
  const waiting = pool
    .space()
    .serialCycleUs()
    .then(() => (measured = true));
  await vi.waitFor(() => expect(releases).toHaveLength(1), { timeout: 10_000, interval: 1 });
  await pool.flow();
  expect(measured).toBe(false);
  releases[0]!();
  await waiting;
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WorkerPool } from '../../../src/load/pool.ts';
import type { IntervalMessage } from '../../../src/load/protocol.ts';
import { MAX_RECEIPT_ROWS } from '../../../src/load/receipts.ts';
import type { OpenSpace } from '../../../src/load/space.ts';
import type { LiveFigures } from '../../../src/report/live-figures.ts';
import { Watch } from '../../../src/run/watch.ts';
import { scenariosFile } from '../../../src/scenarios/schema.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { scenarios } = scenariosFile.parse({
  scenarios: {
    sale: {
      journey: 'flash-sale',
      catalog: { skus: 1, stockPerSku: 10 },
      load: { executor: 'constant-vus', vus: 1, duration: '10s' },
    },
  },
});
const SPACE = {
  levels: async () => [4],
  backlog: async () => ({ waiting: 2, deadLettered: 0 }),
} as unknown as OpenSpace;
const POOL = {
  flow: async () => ({ confirmed: 9, unknown: 0, delivered: 7, settled: 6 }),
} as unknown as WorkerPool;

const second = (atMs: number, counters: Record<string, number>, receipts = 0): IntervalMessage => ({
  atMs,
  interval: { histograms: {}, counters, peaks: {} },
  inFlight: 5,
  memory: { heapBytes: 1, heapLimitBytes: 100, receipts },
});

/** Watches a load of two workers, who both send these seconds. */
const watchLoad = async (seconds: readonly IntervalMessage[]) => {
  const shown: LiveFigures[] = [];
  const said: string[] = [];
  const watch = new Watch('r1', scenarios['sale']!, 2, {
    phase() {},
    say: (line) => said.push(line),
    update: (figures) => shown.push(figures),
  });
  const end = watch.begin(SPACE, POOL);
  for (const message of seconds) {
    await vi.advanceTimersByTimeAsync(900);
    for (const worker of [0, 1]) watch.interval(worker, message);
    await vi.advanceTimersByTimeAsync(100);
  }
  await end();
  return { watch, shown, said };
};

it('shows what all workers did in the last second, and what the services hold', async () => {
  const { shown } = await watchLoad([
    second(0, { 'iterations.completed': 10, 'cache.reads': 4, 'cache.hits': 3 }),
    second(1_000, { 'iterations.completed': 25, 'cache.reads': 4, 'cache.hits': 5 }),
  ]);
  expect(shown.map(({ iterationsPerSecond }) => Math.round(iterationsPerSecond))).toEqual([20, 50]);
  expect(shown[0]).toMatchObject({ totalMs: 10_000, inFlight: 10, cacheHitRatio: 0.75, stockLeft: null });
  expect(shown[1]).toMatchObject({ cacheHitRatio: 1, stockLeft: 4, queueDepth: 3 });
});

it('ends the load, once, when there is no memory for more', async () => {
  const full = second(0, {}, MAX_RECEIPT_ROWS / 2);
  const { watch, said } = await watchLoad([full, full, full]);
  expect(watch.full.aborted).toBe(true);
  expect(watch.shortage).toBe('the audit takes 20,000,000 receipts at most');
  expect(said).toEqual([
    'Ending: the audit takes 20,000,000 receipts at most. What is under way is drained and audited.',
  ]);
});

it('lets it go on otherwise', async () => {
  const { watch, said } = await watchLoad([second(0, {}, 1_000), second(1_000, {}, 2_000)]);
  expect([watch.full.aborted, watch.shortage, said]).toEqual([false, undefined, []]);
});

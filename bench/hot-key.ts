/**
 * One hot key: 100 tasks over 2 worker threads take a lock, read one key under it and give it back, again and again.
 * `fifo` and `token` beside redlock 4 with its default pauses (200 ms, give or take 100) on the same single Redis, and
 * beside the serial bound: one task that reads the key again and again, with no lock at all.
 * The threads count through shared memory how many are inside, and fail when it is ever more than one.
 */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { build } from 'hdr-histogram-js';
import { Redis } from 'ioredis';
import Redlock from 'redlock';
import { openRedis } from '../src/backends/real/redis.ts';
import { namespaceOf } from '../src/engine/namespace.ts';
import { REGISTRY } from '../src/engine/registry.ts';
import type { EngineContext } from '../src/engine/strategy.ts';
import { wallClock } from '../src/kernel/clock.ts';
import { SeededRandom } from '../src/kernel/random.ts';
import { printBar, printSides, runSides, type Figures, type Side } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

const NODES = 2;
const TASKS_PER_NODE = 50;
const WARMUP_MS = 1_500;
const DURATION_MS = 2_000;
const BOUND_WARMUP_MS = 200;
const BOUND_MS = 500;
const ROUNDS = 5;
const TTL_MS = 10_000;

interface Plan {
  readonly lock: string;
  readonly url: string;
  readonly runId: string;
  readonly node: number;
  readonly inside: Int32Array<SharedArrayBuffer>;
}

/** A lock as the benchmark uses it: `acquire` waits as long as it takes and gives what releases. */
interface Subject {
  acquire(): Promise<() => Promise<unknown>>;
  close(): Promise<unknown>;
}

const redlockSubject = ({ url, runId }: Plan): Subject => {
  const redis = new Redis(url);
  const redlock = new Redlock([redis], { retryCount: -1, retryDelay: 200, retryJitter: 100 });
  return {
    async acquire() {
      const lock = await redlock.lock(namespaceOf(runId).key('lock:0'), TTL_MS);
      return () => lock.unlock();
    },
    close: () => redis.quit(),
  };
};

const ownSubject = async ({ lock, url, runId, node }: Plan): Promise<Subject> => {
  const redis = await openRedis({ url });
  const strategy = REGISTRY.lock[lock]!;
  const namespace = namespaceOf(runId);
  // Locks on Redis use nothing else of the context.
  const context = {
    redis,
    namespace,
    clock: wallClock,
    random: new SeededRandom(node),
    node,
    nodes: NODES,
  } as unknown as EngineContext;
  const port = strategy.open(strategy.options.parse({ ttlMs: TTL_MS }), context);
  const request = { keys: [namespace.key('lock:0')], waitMs: 60_000 };
  return {
    async acquire() {
      const held = await port.acquire(request);
      if (held.kind !== 'held') throw new Error('the lock was not had within a minute');
      return () => held.release();
    },
    close: () => redis.close(),
  };
};

/** Waits in µs of the acquisitions of one thread in the measured time. */
const work = async (plan: Plan): Promise<Float64Array> => {
  const subject = plan.lock === 'redlock 4' ? redlockSubject(plan) : await ownSubject(plan);
  const reader = await openRedis({ url: plan.url });
  const startedMs = performance.now();
  const measureFromMs = startedMs + WARMUP_MS;
  const endMs = measureFromMs + DURATION_MS;
  const waitsUs: number[] = [];
  const task = async () => {
    for (let askedMs = performance.now(); askedMs < endMs; askedMs = performance.now()) {
      const release = await subject.acquire();
      const gotMs = performance.now();
      if (Atomics.add(plan.inside, 0, 1) !== 0) throw new Error(`two held ${plan.lock} at once`);
      await reader.call('GET', 'trade-sim:hot-key');
      Atomics.sub(plan.inside, 0, 1);
      await release();
      if (gotMs >= measureFromMs && gotMs < endMs) waitsUs.push((gotMs - askedMs) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: TASKS_PER_NODE }, task));
  await Promise.all([subject.close(), reader.close()]);
  return Float64Array.from(waitsUs);
};

const measure = async (lock: string, url: string): Promise<Figures> => {
  const runId = `hot${Date.now().toString(36)}`;
  const inside = new Int32Array(new SharedArrayBuffer(4));
  const threads = Array.from(
    { length: NODES },
    (_, node) =>
      new Worker(new URL(import.meta.url), { workerData: { lock, url, runId, node, inside } satisfies Plan }),
  );
  const waits = await Promise.all(threads.map(answerOf));
  const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  for (const thread of waits) for (const us of thread) histogram.recordValue(Math.round(us));
  return {
    'acquisitions/s': (histogram.totalCount * 1_000) / DURATION_MS,
    'wait p50 ms': histogram.getValueAtPercentile(50) / 1_000,
    'wait p99 ms': histogram.getValueAtPercentile(99) / 1_000,
    'longest wait ms': histogram.maxValue / 1_000,
  };
};

/** Reads a second that one task makes alone. */
const serialBound = async (url: string): Promise<number> => {
  const reader = await openRedis({ url });
  const readFor = async (ms: number): Promise<number> => {
    const startedMs = performance.now();
    let reads = 0;
    for (; performance.now() - startedMs < ms; reads += 1) await reader.call('GET', 'trade-sim:hot-key');
    return (reads * 1_000) / (performance.now() - startedMs);
  };
  await readFor(BOUND_WARMUP_MS);
  const perSecond = await readFor(BOUND_MS);
  await reader.close();
  return perSecond;
};

const answerOf = (thread: Worker): Promise<Float64Array> =>
  new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });

const main = () =>
  withServices(async ({ redis: url }) => {
    const sides: readonly Side[] = ['redlock 4', 'token', 'fifo'].map((name) => ({
      name,
      // The bound is measured on both sides of each round: the machine's pace changes within a minute.
      async run() {
        const before = await serialBound(url);
        const figures = await measure(name, url);
        const bound = (before + (await serialBound(url))) / 2;
        return { ...figures, 'of the serial bound': figures['acquisitions/s']! / bound };
      },
    }));
    const medians = await runSides(sides, ROUNDS);
    printSides('one hot key, 100 tasks over 2 nodes', sides, medians);
    const [redlock, , fifo] = medians;
    printBar('fifo: of the serial bound', fifo!['of the serial bound']!, '>=', 0.85);
    const ratio = fifo!['acquisitions/s']! / redlock!['acquisitions/s']!;
    printBar('fifo: acquisitions/s over those of redlock 4', ratio, '>=', 2.5);
    printBar('fifo: wait p99 in ms', fifo!['wait p99 ms']!, '<=', 60);
  });

if (parentPort) parentPort.postMessage(await work(workerData as Plan));
else await main();

import { Redis } from 'ioredis';
import Redlock from 'redlock';
import RedlockBeta from 'redlock-beta';
import { openRedis } from '../src/backends/real/redis.ts';
import { REGISTRY } from '../src/engine/registry.ts';
import { contextOf } from './kit/context.ts';
import { printBar, printSides, runSides, type Side } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** Lock and unlock without contention: 100 tasks, each on its own key, beside raw ioredis and redlock 4 and 5 beta. */
const ROUNDS = 6;
const TASKS = 100;
const DURATION_MS = 1_500;
const TTL_MS = 10_000;
const BAR = 0.9;

const COMPARE_AND_DELETE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

type Cycle = (key: string) => Promise<unknown>;

const cyclesPerSecond = async (cycle: Cycle): Promise<number> => {
  const startedMs = performance.now();
  let cycles = 0;
  const task = async (_: unknown, index: number) => {
    while (performance.now() - startedMs < DURATION_MS) {
      await cycle(`bench:lock:${index}`);
      cycles += 1;
    }
  };
  await Promise.all(Array.from({ length: TASKS }, task));
  return (cycles * 1_000) / (performance.now() - startedMs);
};

const side = (name: string, cycle: Cycle): Side => ({
  name,
  run: async () => ({ 'cycles/s': await cyclesPerSecond(cycle) }),
});

await withServices(async ({ redis: url }) => {
  const client = new Redis(url);
  const redis = await openRedis({ url });
  const digest = String(await client.script('LOAD', COMPARE_AND_DELETE));
  const token = REGISTRY.lock['token']!;
  const port = token.open(token.options.parse({ ttlMs: TTL_MS }), contextOf({ redis }));
  const redlock = new Redlock([client], { retryCount: 0, retryDelay: 0, retryJitter: 0 });
  const redlockBeta = new RedlockBeta([client], { retryCount: 0 });
  let cycles = 0;

  const sides = [
    side('raw ioredis', async (key) => {
      cycles += 1;
      const mine = `raw-${cycles}`;
      if ((await client.set(key, mine, 'PX', TTL_MS, 'NX')) !== 'OK') throw new Error('a lock was taken');
      await client.evalsha(digest, 1, key, mine);
    }),
    side('trade-sim token', async (key) => {
      const lock = await port.acquire({ keys: [key], waitMs: 0 });
      if (lock.kind !== 'held') throw new Error('a lock was taken');
      await lock.release();
    }),
    side('redlock 4', async (key) => (await redlock.lock(key, TTL_MS)).unlock()),
    side('redlock 5 beta', async (key) => (await redlockBeta.acquire([key], TTL_MS)).release()),
  ];
  const medians = await runSides(sides, ROUNDS);
  printSides(`lock and unlock on distinct keys, ${TASKS} tasks`, sides, medians);
  printBar("lock cycles of raw ioredis's", medians[1]!['cycles/s']! / medians[0]!['cycles/s']!, '>=', BAR);
  await redis.close();
  client.disconnect();
});

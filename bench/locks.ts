import { Redis } from 'ioredis';
import { Pool } from 'pg';
import Redlock from 'redlock';
import RedlockBeta from 'redlock-beta';
import { openPostgres } from '../src/backends/real/postgres.ts';
import { openRedis } from '../src/backends/real/redis.ts';
import { ACQUIRE } from '../src/engine/lock/fenced.ts';
import { END_RUN, ENTER } from '../src/engine/lock/fifo-scripts.ts';
import type { LockPort } from '../src/engine/lock/port.ts';
import { REGISTRY } from '../src/engine/registry.ts';
import type { EngineContext } from '../src/engine/strategy.ts';
import { contextOf } from './kit/context.ts';
import { printBar, printSides, runSides, type Side } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/**
 * Lock and unlock without contention: 100 tasks, each on its own key, beside the raw commands that a lock needs: those
 * on Redis beside ioredis on one server or on five, `pg-advisory` beside pg over as many connections; and redlock 4
 * and 5 beta on one server and on five.
 */
const ROUNDS = 6;
const TASKS = 100;
const DURATION_MS = 1_500;
const TTL_MS = 10_000;
const BAR = 0.9;
const MASTERS = 5;
const CONNECTIONS = 8;

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

/** One of ours, opened with what a benchmark has of the context. */
const ours = (name: string, resources: Partial<EngineContext>): Side => {
  const strategy = REGISTRY.lock[name]!;
  const port: LockPort = strategy.open(strategy.options.parse({}), contextOf(resources));
  return side(`trade-sim ${name}`, async (key) => {
    // With as many connections as tasks could want, there is a queue before them, but no contention.
    const lock = await port.acquire({ keys: [key], waitMs: 5_000 });
    if (lock.kind !== 'held') throw new Error('a lock was taken');
    await lock.release();
  });
};

/** The commands that a lock on these servers cannot do without, on all of them at once. */
const rawRedis = async (name: string, clients: readonly Redis[]): Promise<Side> => {
  const digests = await Promise.all(clients.map((client) => client.script('LOAD', COMPARE_AND_DELETE)));
  const digest = String(digests[0]);
  let cycles = 0;
  return side(name, async (key) => {
    cycles += 1;
    const mine = `raw-${cycles}`;
    const taken = await Promise.all(clients.map((client) => client.set(key, mine, 'PX', TTL_MS, 'NX')));
    if (taken.some((answer) => answer !== 'OK')) throw new Error('a lock was taken');
    await Promise.all(clients.map((client) => client.evalsha(digest, 1, key, mine)));
  });
};

/** The recipe of many articles: no owner and no expiry. */
const rawSetnx = (client: Redis): Side =>
  side('raw SETNX and DEL', async (key) => {
    if ((await client.setnx(key, '1')) !== 1) throw new Error('a lock was taken');
    await client.del(key);
  });

/** The script that draws a fence with the lock, and the release of all. */
const rawFenced = async (client: Redis): Promise<Side> => {
  const acquire = String(await client.script('LOAD', ACQUIRE.lua));
  const release = String(await client.script('LOAD', COMPARE_AND_DELETE));
  let cycles = 0;
  return side("raw fenced's scripts", async (key) => {
    cycles += 1;
    const mine = `raw-${cycles}`;
    if (Number(await client.evalsha(acquire, 2, key, 'bench:fences', mine, TTL_MS)) === 0)
      throw new Error('a lock was taken');
    await client.evalsha(release, 1, key, mine);
  });
};

/** The two scripts of `fifo`, of which the first finds the lock free. */
const rawFifo = async (client: Redis): Promise<Side> => {
  const enter = String(await client.script('LOAD', ENTER.lua));
  const end = String(await client.script('LOAD', END_RUN.lua));
  let tickets = 0;
  return side("raw fifo's scripts", async (key) => {
    tickets += 1;
    const at = [key, `${key}:queue`, 'bench:fences', TTL_MS, 'bench:grants:'] as const;
    await client.evalsha(enter, 3, ...at, 'raw', 1_000, 1, 5_000, tickets);
    if ((await client.evalsha(end, 3, ...at, 'raw', tickets)) !== 1) throw new Error('a lock was taken');
  });
};

/** The packages, which bring no bound or wait of their own to it. */
const packages = (clients: Redis[]): Side[] => {
  const redlock = new Redlock(clients, { retryCount: 0, retryDelay: 0, retryJitter: 0 });
  const redlockBeta = new RedlockBeta(clients, { retryCount: 0 });
  return [
    side('redlock 4', async (key) => (await redlock.lock(key, TTL_MS)).unlock()),
    side('redlock 5 beta', async (key) => (await redlockBeta.acquire([key], TTL_MS)).release()),
  ];
};

const rawPostgres = (pool: Pool): Side =>
  side('raw pg', async (key) => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query({
      name: 'lock',
      text: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
      values: [`raw:${key}`],
    });
    await client.query('COMMIT');
    client.release();
  });

/** The first side is the yardstick; all of `our` locks have to reach their share of it. */
const compare = async (
  title: string,
  raw: Side,
  our: readonly Side[],
  packaged: readonly Side[] = [],
): Promise<void> => {
  const sides = [raw, ...our, ...packaged];
  const medians = await runSides(sides, ROUNDS);
  printSides(`lock and unlock on distinct keys, ${TASKS} tasks, ${title}`, sides, medians);
  for (const [index, { name }] of our.entries()) {
    const share = medians[index + 1]!['cycles/s']! / medians[0]!['cycles/s']!;
    printBar(`cycles of ${name}, of the raw ones'`, share, '>=', BAR);
  }
};

await withServices(async ({ redis: url, postgres: postgresUrl, lockMasters: urls }) => {
  const redis = await openRedis({ url });
  const client = new Redis(url);
  const leased = ['token', 'watchdog'].map((name) => ours(name, { redis }));
  await compare('one Redis', await rawRedis('raw ioredis', [client]), leased, packages([client]));
  await compare('one Redis', rawSetnx(client), [ours('setnx', { redis })]);
  await compare('one Redis', await rawFenced(client), [ours('fenced', { redis })]);
  await compare('one Redis', await rawFifo(client), [ours('fifo', { redis })]);

  const lockMasters = await Promise.all(urls.map((master) => openRedis({ url: master })));
  const clients = urls.map((master) => new Redis(master));
  const voting = [ours('redlock', { redis, lockMasters })];
  await compare(`${MASTERS} Redis`, await rawRedis('raw ioredis', clients), voting, packages(clients));

  const postgres = await openPostgres({ url: postgresUrl, schema: 'bench_locks' });
  await postgres.define([]);
  const pool = new Pool({ connectionString: postgresUrl, max: CONNECTIONS });
  const advisory = [ours('pg-advisory', { postgres })];
  await compare(`${CONNECTIONS} connections to PostgreSQL`, rawPostgres(pool), advisory);

  await postgres.drop();
  await Promise.all([redis, postgres, ...lockMasters].map((backend) => backend.close()));
  await pool.end();
  for (const each of [client, ...clients]) each.disconnect();
}, MASTERS);

import { connect, type ChannelModel } from 'amqplib';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import Redlock from 'redlock';
import RedlockBeta from 'redlock-beta';
import { openPostgres } from '../src/backends/real/postgres.ts';
import { openBroker } from '../src/backends/real/rabbitmq.ts';
import { openRedis } from '../src/backends/real/redis.ts';
import { compileSql } from '../src/backends/real/sql.ts';
import { ACQUIRE } from '../src/engine/lock/fenced.ts';
import { END_RUN, ENTER } from '../src/engine/lock/fifo-scripts.ts';
import type { LockPort } from '../src/engine/lock/port.ts';
import { queueOfKey } from '../src/engine/lock/queue-of-key.ts';
import { namespaceOf } from '../src/engine/namespace.ts';
import { REGISTRY } from '../src/engine/registry.ts';
import type { EngineContext } from '../src/engine/strategy.ts';
import { contextOf } from './kit/context.ts';
import { printBar, printSides, runSides, type Side } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/**
 * Lock and unlock without contention: 100 tasks, each on its own key, beside the raw commands that a lock needs: those
 * on Redis beside ioredis on one server or on five, `pg-advisory` beside pg over as many connections, `queue-serial`
 * (64 tasks, one on each of its queues) beside amqplib; and redlock 4 and 5 beta on one server and on five.
 */
const ROUNDS = 16;
const TASKS = 100;
const DURATION_MS = 600;
const TTL_MS = 10_000;
const BAR = 0.9;
const MASTERS = 5;
const CONNECTIONS = 8;
const QUEUES = 64;

const COMPARE_AND_DELETE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

type Cycle = (key: string) => Promise<unknown>;

const NUMBERED = Array.from({ length: TASKS }, (_, index) => `bench:lock:${index}`);

const cyclesPerSecond = async (cycle: Cycle, keys: readonly string[]): Promise<number> => {
  const startedMs = performance.now();
  let cycles = 0;
  const task = async (key: string) => {
    while (performance.now() - startedMs < DURATION_MS) {
      await cycle(key);
      cycles += 1;
    }
  };
  await Promise.all(keys.map(task));
  return (cycles * 1_000) / (performance.now() - startedMs);
};

const side = (name: string, cycle: Cycle, keys: readonly string[] = NUMBERED): Side => ({
  name,
  run: async () => ({ 'cycles/s': await cyclesPerSecond(cycle, keys) }),
});

/** One of ours, opened with what a benchmark has of the context. */
const ours = (name: string, resources: Partial<EngineContext>, keys?: readonly string[]): Side => {
  const strategy = REGISTRY.lock[name]!;
  const port: LockPort = strategy.open(strategy.options.parse({}), contextOf(resources));
  const cycle = async (key: string) => {
    // With as many connections as tasks could want, there is a queue before them, but no contention.
    const lock = await port.acquire({ keys: [key], waitMs: 5_000 });
    if (lock.kind !== 'held') throw new Error('a lock was taken');
    await lock.release();
  };
  return side(`trade-sim ${name}`, cycle, keys);
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
    const mine = tickets;
    const at = [key, `${key}:queue`, 'bench:fences', TTL_MS, 'bench:grants:'] as const;
    await client.evalsha(enter, 3, ...at, 'raw', 1_000, 1, 5_000, mine);
    if ((await client.evalsha(end, 3, ...at, 'raw', mine)) !== 1) throw new Error('a lock was taken');
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

const rawPostgres = (name: string, pool: Pool, text: string, valuesOf: (key: string) => unknown[]): Side =>
  side(name, async (key) => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query({ name, text, values: valuesOf(key) });
    await client.query('COMMIT');
    client.release();
  });

/** A lock whose wait has no bound and that comes without a fence. */
const rawAdvisory = (pool: Pool): Side =>
  rawPostgres(
    'raw pg, the lock alone',
    pool,
    'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
    (key) => [`raw:${key}`],
  );

/** What `pg-advisory` asks for, in a round trip for each statement. */
const rawBounded = (pool: Pool, schema: string): Side => {
  const sqlFor = (key: string) => compileSql({ kind: 'advisory-lock', keys: [key], waitMs: 250 }, schema);
  const values = new Map(NUMBERED.map((key) => [key, [...sqlFor(key).values]]));
  return rawPostgres("raw pg-advisory's statements", pool, sqlFor('').text, (key) => values.get(key)!);
};

/** As many keys as `queue-serial` has queues, each on one of its own. */
const keysApart = (): string[] => {
  const apart = new Map<number, string>();
  for (let i = 0; apart.size < QUEUES; i += 1) apart.set(queueOfKey(`lock:${i}`, QUEUES), `lock:${i}`);
  return [...apart.values()];
};

/** A message through a queue with a single active consumer, which acknowledges it. */
const rawRabbit = async (connection: ChannelModel, keys: readonly string[]): Promise<Side> => {
  const channel = await connection.createConfirmChannel();
  await channel.prefetch(1);
  const arrived = new Map<string, () => void>();
  for (const key of keys) {
    const single = { exclusive: true, arguments: { 'x-single-active-consumer': true } };
    await channel.assertQueue(`bench.raw.${key}`, single);
    await channel.consume(`bench.raw.${key}`, (message) => {
      if (message === null) return;
      channel.ack(message);
      arrived.get(key)!();
    });
  }
  const cycle = (key: string) =>
    new Promise<void>((resolve, reject) => {
      arrived.set(key, resolve);
      channel.sendToQueue(`bench.raw.${key}`, Buffer.from(key), {}, (error: unknown) => {
        if (error) reject(error);
      });
    });
  return side('raw amqplib', cycle, keys);
};

/** The first side is the yardstick; all of `our` locks have to reach their share of it. */
const compare = async (
  title: string,
  raw: Side,
  our: readonly Side[],
  packaged: readonly Side[] = [],
): Promise<void> => {
  const sides = [raw, ...our, ...packaged];
  const medians = await runSides(sides, ROUNDS);
  printSides(`lock and unlock on distinct keys, ${title}`, sides, medians);
  for (const [index, { name }] of our.entries()) {
    const share = medians[index + 1]!['cycles/s']! / medians[0]!['cycles/s']!;
    printBar(`cycles of ${name}, of the raw ones'`, share, '>=', BAR);
  }
};

await withServices(async ({ redis: url, postgres: postgresUrl, rabbitmq: rabbitUrl, lockMasters: urls }) => {
  const redis = await openRedis({ url });
  const client = new Redis(url);
  const leased = ['token', 'watchdog'].map((name) => ours(name, { redis }));
  await compare(
    `${TASKS} tasks, one Redis`,
    await rawRedis('raw ioredis', [client]),
    leased,
    packages([client]),
  );
  await compare(`${TASKS} tasks, one Redis`, rawSetnx(client), [ours('setnx', { redis })]);
  await compare(`${TASKS} tasks, one Redis`, await rawFenced(client), [ours('fenced', { redis })]);
  await compare(`${TASKS} tasks, one Redis`, await rawFifo(client), [ours('fifo', { redis })]);

  const lockMasters = await Promise.all(urls.map((master) => openRedis({ url: master })));
  const clients = urls.map((master) => new Redis(master));
  const voting = [ours('redlock', { redis, lockMasters })];
  await compare(
    `${TASKS} tasks, ${MASTERS} Redis`,
    await rawRedis('raw ioredis', clients),
    voting,
    packages(clients),
  );

  const schema = 'bench_locks';
  const postgres = await openPostgres({ url: postgresUrl, schema });
  await postgres.define([]);
  const pool = new Pool({ connectionString: postgresUrl, max: CONNECTIONS });
  const advisory = [ours('pg-advisory', { postgres })];
  const title = `${TASKS} tasks, ${CONNECTIONS} connections to PostgreSQL`;
  await compare(title, rawBounded(pool, schema), advisory, [rawAdvisory(pool)]);

  const broker = await openBroker({ url: rabbitUrl });
  const keys = keysApart();
  const namespace = namespaceOf('bench');
  const own = keys.map((key) => namespace.key(key));
  const serial = [ours('queue-serial', { broker }, own)];
  const connection = await connect(rabbitUrl, { noDelay: true });
  await compare(`${QUEUES} tasks, RabbitMQ`, await rawRabbit(connection, keys), serial);

  await postgres.drop();
  await Promise.all([redis, postgres, broker, ...lockMasters].map((backend) => backend.close()));
  await Promise.all([pool.end(), connection.close()]);
  for (const each of [client, ...clients]) each.disconnect();
}, MASTERS);

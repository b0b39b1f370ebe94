/**
 * The reference: a flash sale written by hand, without a harness, strategies or an audit. Two worker threads, so many
 * tasks each; an order is one EVALSHA and one confirmed publish (or, locked: SET NX, GET and SET, publish, release
 * under a mutex per thread); a consumer in each thread inserts batches of 500 rows. The same work on Redis, RabbitMQ
 * and PostgreSQL as `--stock lua --queue confirm`, so that the ratio of the two says what trade-sim costs.
 */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { connect } from 'amqplib';
import { build } from 'hdr-histogram-js';
import { Redis } from 'ioredis';
import { Pool } from 'pg';

export interface ReferencePlan {
  readonly urls: { readonly redis: string; readonly rabbitmq: string; readonly postgres: string };
  readonly workers: number;
  readonly tasksPerWorker: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly locked: boolean;
}

export interface ReferenceFigures {
  readonly ordersPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const NAME = 'trade_sim_reference';
const UNITS = 100_000_000;

const RESERVE = `
if redis.call('HGET', KEYS[1], ARGV[1]) then return 1 end
if tonumber(redis.call('GET', KEYS[2]) or 0) < 1 then return 2 end
redis.call('DECRBY', KEYS[2], 1)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 0`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** Runs the reference once, and checks that every order it counted is in PostgreSQL. */
export const runReference = async (plan: ReferencePlan): Promise<ReferenceFigures> => {
  const redis = new Redis(plan.urls.redis);
  const pool = new Pool({ connectionString: plan.urls.postgres, max: 1 });
  const connection = await connect(plan.urls.rabbitmq);
  const channel = await connection.createChannel();
  await pool.query(`DROP TABLE IF EXISTS ${NAME}`);
  await pool.query(`CREATE TABLE ${NAME} (order_id bigint PRIMARY KEY, user_id bigint, sku int, units int)`);
  await channel.deleteQueue(NAME);
  await channel.assertQueue(NAME, { durable: true });
  await redis.del(`${NAME}:orders`, `${NAME}:lock`);
  await redis.set(`${NAME}:stock`, UNITS);
  try {
    const threads = Array.from(
      { length: plan.workers },
      (_, worker) => new Worker(new URL(import.meta.url), { workerData: { ...plan, worker } }),
    );
    const reports = await Promise.all(threads.map(figuresOf));
    await reconcile(
      pool,
      redis,
      reports.reduce((sum, { placed }) => sum + placed, 0),
    );
    await Promise.all(threads.map((thread) => thread.terminate()));
    return summarize(reports, plan.durationMs);
  } finally {
    await channel.deleteQueue(NAME);
    await redis.del(`${NAME}:orders`, `${NAME}:stock`);
    await pool.query(`DROP TABLE ${NAME}`);
    await connection.close();
    await pool.end();
    redis.disconnect();
  }
};

interface WorkerPlan extends ReferencePlan {
  readonly worker: number;
}

interface WorkerFigures {
  /** In the measured time. */
  readonly counted: number;
  /** Over all of its life. */
  readonly placed: number;
  readonly latenciesUs: Float64Array;
}

const figuresOf = (thread: Worker): Promise<WorkerFigures> =>
  new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });

const reconcile = async (pool: Pool, redis: Redis, placed: number): Promise<void> => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { rows } = await pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${NAME}`);
    const sold = UNITS - Number(await redis.get(`${NAME}:stock`));
    if (Number(rows[0]!.n) === placed && sold === placed) return;
    if (Date.now() > deadline) throw new Error(`${placed} placed, ${rows[0]!.n} in the ledger, ${sold} sold`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const summarize = (reports: readonly WorkerFigures[], durationMs: number): ReferenceFigures => {
  const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  for (const { latenciesUs } of reports) for (const us of latenciesUs) histogram.recordValue(us);
  return {
    ordersPerSecond: (reports.reduce((sum, { counted }) => sum + counted, 0) * 1_000) / durationMs,
    p50Us: histogram.getValueAtPercentile(50),
    p99Us: histogram.getValueAtPercentile(99),
  };
};

const work = async (plan: WorkerPlan): Promise<WorkerFigures> => {
  const redis = new Redis(plan.urls.redis, { enableAutoPipelining: false });
  const pool = new Pool({ connectionString: plan.urls.postgres, max: 2 });
  const publishing = await connect(plan.urls.rabbitmq);
  const publisher = await publishing.createConfirmChannel();
  const consuming = await connect(plan.urls.rabbitmq);
  const consumer = await consuming.createChannel();
  const sha = String(await redis.script('LOAD', RESERVE));
  const releaseSha = String(await redis.script('LOAD', RELEASE));

  const publish = (body: string) =>
    new Promise<void>((resolve, reject) => {
      publisher.sendToQueue(
        NAME,
        Buffer.from(body),
        { persistent: true, mandatory: true },
        (error: unknown) => (error ? reject(error) : resolve()),
      );
    });

  await consumer.prefetch(1_000);
  let pending: { body: string; tag: Parameters<typeof consumer.ack>[0] }[] = [];
  let writing = false;
  const write = async () => {
    writing = true;
    while (pending.length > 0) {
      const batch = pending.slice(0, 500);
      pending = pending.slice(500);
      const rows = batch.map(({ body }) => JSON.parse(body) as number[]);
      const column = (i: number) => rows.map((row) => row[i]);
      await pool.query({
        name: 'insert',
        text: `INSERT INTO ${NAME} SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[]) ON CONFLICT DO NOTHING`,
        values: [column(0), column(1), column(2), column(3)],
      });
      consumer.ack(batch.at(-1)!.tag, true);
    }
    writing = false;
  };
  await consumer.consume(NAME, (message) => {
    if (message === null) return;
    pending.push({ body: message.content.toString(), tag: message });
    if (!writing) void write();
  });

  let next = 0;
  let mutex = Promise.resolve();
  const order = async () => {
    next += 1;
    const id = next * plan.workers + plan.worker;
    const body = `[${id},${id},0,1]`;
    if (!plan.locked) {
      await redis.evalsha(sha, 2, `${NAME}:orders`, `${NAME}:stock`, id, id);
      await publish(body);
      return;
    }
    const before = mutex;
    let leave = () => {};
    mutex = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    while ((await redis.set(`${NAME}:lock`, id, 'PX', 10_000, 'NX')) !== 'OK')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
    const left = Number(await redis.get(`${NAME}:stock`));
    await redis.set(`${NAME}:stock`, left - 1);
    await publish(body);
    await redis.evalsha(releaseSha, 1, `${NAME}:lock`, id);
    leave();
  };

  const startedMs = performance.now();
  const measureFromMs = startedMs + plan.warmupMs;
  const endMs = measureFromMs + plan.durationMs;
  const latencies: number[] = [];
  const task = async () => {
    for (let now = performance.now(); now < endMs;) {
      const sentMs = now;
      await order();
      now = performance.now();
      if (now >= measureFromMs && now < endMs) latencies.push((now - sentMs) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: plan.tasksPerWorker }, task));
  // The consumer goes on until main has found every order in the ledger; then this thread is ended.
  return { counted: latencies.length, placed: next, latenciesUs: Float64Array.from(latencies) };
};

if (parentPort) {
  const figures = await work(workerData as WorkerPlan);
  parentPort.postMessage(figures);
}

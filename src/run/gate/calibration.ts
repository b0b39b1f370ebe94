import { createHash } from 'node:crypto';
import type { Backends } from '../../backends/ports.ts';
import { namespaceOf, type Namespace } from '../../engine/namespace.ts';
import { removeRun } from '../../engine/run-space.ts';
import { wallClock } from '../../kernel/clock.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { closeBackends, connector } from '../../load/connect.ts';
import { median } from '../../measure/quantiles.ts';
import type { Calibration } from '../../report/gate/baseline.ts';
import { recordRun } from '../../services/run-registry.ts';
import type { Endpoints } from '../../services/types.ts';
import { newRunId } from '../run-scenario.ts';
import { urlsOf } from '../segments.ts';

/** Nine slices of each part: some three seconds together. The median of them outlives a pause or two. */
const SLICES = 9;
const SLICE_MS = 110;

/** Measures how fast this machine and these services do what never changes. Embedded services are part of the CPU. */
export const calibrate = async (endpoints: Endpoints, signal: AbortSignal): Promise<Calibration> => {
  const cpu = await perSecond(1, cpuWork, signal);
  const urls = urlsOf(endpoints);
  if (urls.redis === undefined && urls.postgres === undefined) return { cpu, redis: null, postgres: null };
  const lasting = urlsOf(endpoints, ({ outlivesRun }) => outlivesRun);
  const runId = newRunId();
  const record = Object.keys(lasting).length > 0 ? await recordRun({ runId, urls: lasting }) : undefined;
  const namespace = namespaceOf(runId);
  const backends = await connector(urls, namespace, new SeededRandom(0))();
  try {
    const redis =
      urls.redis === undefined ? null : await perSecond(8, redisWork(backends, namespace), signal);
    const postgres = urls.postgres === undefined ? null : await calibratePostgres(backends, signal);
    await removeRun(backends, namespace);
    record?.forget();
    return { cpu, redis, postgres };
  } finally {
    await closeBackends(backends);
  }
};

/** The median over the slices of how often a second `work` is done, `loops` at a time. Ends early on `signal`. */
const perSecond = async (
  loops: number,
  work: (loop: number) => Promise<void>,
  signal: AbortSignal,
): Promise<number> => {
  const rates: number[] = [];
  for (let slice = 0; slice < SLICES; slice += 1) {
    signal.throwIfAborted();
    const startedMs = wallClock.now();
    let done = 0;
    const loop = async (index: number) => {
      while (wallClock.now() - startedMs < SLICE_MS) {
        await work(index);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: loops }, (_, index) => loop(index)));
    rates.push((done * 1_000) / (wallClock.now() - startedMs));
  }
  return median(rates);
};

const ORDERS = JSON.stringify(
  Array.from({ length: 50 }, (_, user) => ({
    key: `order-${user}`,
    user,
    lines: [{ sku: user % 7, units: 1 }],
  })),
);

/** What an engine's own work is like: reading and writing JSON, some hashing. */
const cpuWork = async (): Promise<void> => {
  createHash('sha1')
    .update(JSON.stringify(JSON.parse(ORDERS)))
    .digest();
};

const redisWork =
  ({ redis }: Backends, namespace: Namespace) =>
  async (loop: number): Promise<void> => {
    await redis.call('INCR', namespace.key(`calibration:${loop}`));
  };

const TABLE = 'calibration';
const ROWS = 4;

const calibratePostgres = async ({ postgres }: Backends, signal: AbortSignal): Promise<number> => {
  await postgres.define([{ name: TABLE, columns: { id: 'integer', n: 'bigint' }, primaryKey: ['id'] }]);
  const ids = Array.from({ length: ROWS }, (_, id) => id);
  await postgres.query({
    kind: 'insert',
    table: TABLE,
    columns: { id: ids, n: ids.map(() => 0) },
    onConflict: 'ignore',
  });
  return perSecond(
    ROWS,
    async (id) => {
      await postgres.query({
        kind: 'update',
        table: TABLE,
        set: { n: { add: 1 } },
        where: [['id', '=', id]],
      });
    },
    signal,
  );
};

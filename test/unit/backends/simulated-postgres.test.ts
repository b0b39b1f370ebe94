import { describe, expect, test } from 'vitest';
import type { Postgres, Row, Statement, TableSpec } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { SimulatedPostgresServer } from '../../../src/backends/simulated/postgres.ts';
import { messageOf } from '../../../src/kernel/errors.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';

const ENTRIES: TableSpec = {
  name: 'entries',
  columns: { seq: 'bigserial', owner: 'integer' },
  primaryKey: ['seq'],
  unique: [['owner']],
};

const insert = (...owner: number[]): Statement => ({
  kind: 'insert',
  table: 'entries',
  columns: { owner },
  onConflict: 'ignore',
});

const update = (seq: number, owner: number): Statement => ({
  kind: 'update',
  table: 'entries',
  set: { owner },
  where: [['seq', '=', seq]],
});

const select = (rest: Partial<Extract<Statement, { kind: 'select' }>> = {}): Statement => ({
  kind: 'select',
  table: 'entries',
  columns: ['seq'],
  where: [],
  orderBy: ['seq'],
  ...rest,
});

const seqs = (rows: readonly Row[]) => rows.map((row) => row['seq']);

/** Runs `work` to its end in simulated time. */
const simulate = async <T>(
  work: (postgres: Postgres, clock: VirtualClock) => Promise<T>,
  options: { readonly latency?: () => number; readonly seed?: number } = {},
): Promise<T> => {
  const clock = new VirtualClock(0);
  const { latency, seed = 1 } = options;
  const random = new SeededRandom(seed);
  const server = new SimulatedPostgresServer({ clock, random, ...(latency && { latency }) });
  const postgres = server.connect({ schema: 's' });
  const done = postgres.define([ENTRIES]).then(() => work(postgres, clock));
  await clock.run();
  return done;
};

describe('time', () => {
  test('none passes without latency', async () => {
    const elapsedMs = await simulate(async (postgres, clock) => {
      await postgres.query(insert(1));
      return clock.now();
    });
    expect(elapsedMs).toBe(0);
  });

  test('latency is taken each way, for each request', async () => {
    const elapsedMs = await simulate(
      async (postgres, clock) => {
        const startMs = clock.now();
        await postgres.query(insert(1));
        const insertedMs = clock.now();
        await postgres.transaction((query) => query(insert(2)));
        return [insertedMs - startMs, clock.now() - insertedMs];
      },
      { latency: () => 3 },
    );
    expect(elapsedMs).toEqual([6, 18]);
  });

  test('a deadlock is found after a second, as by the real server', async () => {
    const outcome = await simulate(async (postgres, clock) => {
      await postgres.query(insert(1, 2));
      const cross = (mine: number, theirs: number) =>
        postgres.transaction(async (query) => {
          await query(update(mine, mine + 10));
          await query(update(theirs, theirs + 20));
          return 'committed';
        });
      const ends = await Promise.all([cross(1, 2), cross(2, 1)].map((end) => end.catch(messageOf)));
      return { ends: ends.toSorted((a, b) => (a < b ? -1 : 1)), nowMs: clock.now() };
    });
    expect(outcome).toEqual({ ends: ['committed', 'postgres: 40P01 deadlock detected'], nowMs: 1_000 });
  });

  test('a lock is waited for no longer than the lock time-out', async () => {
    const outcome = await simulate(async (postgres, clock) => {
      await postgres.query(insert(1));
      return postgres.transaction(async (query) => {
        await query(update(1, 2));
        return [await postgres.query(update(1, 3)).catch(messageOf), clock.now()];
      });
    });
    expect(outcome).toEqual(['postgres: 55P03 canceling statement due to lock timeout', 5_000]);
  });

  test('a free connection is waited for no longer than the pool allows', async () => {
    const outcome = await simulate(async (postgres) => {
      const nested = async (depth: number): Promise<string> =>
        postgres.transaction(() => nested(depth + 1)).catch(messageOf);
      return nested(0);
    });
    expect(outcome).toMatch(/no connection of the pool came free within 5000 ms/);
  });
});

describe('order', () => {
  test('without one asked for, a scan begins anywhere, as the seed says', async () => {
    const unordered: Statement = { kind: 'select', table: 'entries', columns: ['seq'], where: [] };
    const scan = (seed: number) =>
      simulate(
        async (postgres) => {
          await postgres.query(insert(1, 2, 3, 4, 5, 6, 7, 8));
          return seqs((await postgres.query(unordered)).rows);
        },
        { seed },
      );
    const orders = await Promise.all([1, 1, 2, 3, 4].map(scan));
    expect(orders[0]).toEqual(orders[1]);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
    expect(new Set(orders[4])).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  test('an insert that had to wait is found at its number', async () => {
    const pages = await simulate(async (postgres) => {
      await postgres.query(insert(1));
      let late: Promise<unknown> | undefined;
      const undone = postgres.transaction(async (query) => {
        await query(insert(50));
        late = postgres.query(insert(50));
        await postgres.query(insert(60, 70));
        throw new Error('undone');
      });
      await undone.catch(() => {});
      await late;
      const page = async (rest: Parameters<typeof select>[0]) =>
        seqs((await postgres.query(select(rest))).rows);
      return [
        await page({}),
        await page({ where: [['seq', '>', 1]], limit: 2 }),
        await page({
          where: [
            ['seq', '>=', 3],
            ['seq', '<', 5],
          ],
        }),
        await page({ where: [['seq', '<=', 4]] }),
      ];
    });
    expect(pages).toEqual([
      [1, 3, 4, 5],
      [3, 4],
      [3, 4],
      [1, 3, 4],
    ]);
  });

  test('rows whose number has changed are found at the new one', async () => {
    const rows = await simulate(async (postgres) => {
      await postgres.query(insert(1, 2, 3));
      await postgres.query({ kind: 'update', table: 'entries', set: { seq: 9 }, where: [['seq', '=', 1]] });
      return [
        seqs((await postgres.query(select({ where: [['seq', '>', 2]] }))).rows),
        seqs((await postgres.query(select({ where: [['seq', '=', 9]], columns: ['seq'] }))).rows),
        (await postgres.query(select({ where: [['seq', '=', 1]] }))).count,
      ];
    });
    expect(rows).toEqual([[3, 9], [9], 0]);
  });
});

test('rows that are gone leave the others, and their keys, as they were', async () => {
  const outcome = await simulate(async (postgres) => {
    for (let round = 0; round < 10; round += 1) {
      await postgres.query(insert(...Array.from({ length: 100 }, (_, i) => i)));
      await postgres.query({ kind: 'delete', table: 'entries', where: [['owner', '<>', round]] });
    }
    const { rows } = await postgres.query(select({ columns: ['seq', 'owner'], where: [['seq', '>', 0]] }));
    const again = await Promise.all([9, 3].map((owner) => postgres.query(insert(owner))));
    return { rows, again: again.map(({ count }) => count) };
  });
  expect(outcome).toEqual({ rows: [{ seq: 910, owner: 9 }], again: [0, 1] });
});

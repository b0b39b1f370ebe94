import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { Client } from 'pg';
import type { Postgres, Statement } from '../../src/backends/ports.ts';
import { stillClock } from '../support/clocks.ts';
import { Contender } from '../support/contenders.ts';
import { replacing } from '../../src/contract/faults.ts';
import { openShop } from '../support/shop.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

describe.each(WORLDS)('pg-advisory, $world', ({ world, open }) => {
  let space: Space;
  const contender = (
    options: Readonly<Record<string, unknown>> = {},
    changes?: (node: TestNode) => Partial<TestNode>,
  ) => Contender.of(space, 'pg-advisory', changes, options);
  const key = (sku: number) => space.namespace.key(`lock:${sku}`);

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  test('whoever finds all connections taken is contended after its wait, and served when one comes free', async () => {
    const a = await contender({ connections: 2 });
    const held = [await a.hold({ keys: [key(0)] }), await a.hold({ keys: [key(1)] })];
    expect(await a.acquire({ keys: [key(2)], waitMs: 20 })).toMatchObject({ kind: 'contended' });
    const next = a.hold({ keys: [key(2)] });
    expect(await held[0]!.release()).toBe('released');
    expect(await (await next).release()).toBe('released');
    expect((await (await contender()).acquire({ keys: [key(1)], waitMs: 0 })).kind).toBe('contended');
  });

  test('the waiters of a hot SKU leave the connections to the orders of others', async () => {
    const [a, b] = [await contender({ connections: 2 }), await contender()];
    const held = await b.hold();
    const waits = Array.from({ length: 20 }, () => a.hold().then((lock) => lock.release()));
    expect(await (await a.hold({ keys: [key(1)] })).release()).toBe('released');
    await held.release();
    expect(new Set(await Promise.all(waits))).toEqual(new Set(['released']));
  });

  test('a wait that is given up in the database leaves no lock and no connection behind', async () => {
    const [a, b] = [await contender(), await contender({ connections: 1 }, () => ({ clock: stillClock }))];
    const held = await a.hold();
    const abort = new AbortController();
    const wait = b.acquire({ signal: abort.signal });
    await b.settle();
    abort.abort();
    expect((await wait).kind).toBe('contended');
    await held.release();
    expect((await a.acquire({ waitMs: 0 })).kind).toBe('held');
    expect((await b.acquire({ keys: [key(1)], waitMs: 0 })).kind).toBe('held');
  });

  test('an order with several SKUs holds one connection', async () => {
    const a = await contender({ connections: 1 });
    const held = await a.hold({ keys: [key(0), key(1), key(2)] });
    expect(await held.release()).toBe('released');
  });

  test('a stock in the same database needs no connection of those that hold locks', async () => {
    const shop = await openShop(space, {
      lock: { name: 'pg-advisory', options: { connections: 2 } },
      stock: { name: 'pg-conditional', options: {} },
      queue: { name: 'direct', options: {} },
      catalogue: { skus: 20, limitPerUser: 0 },
    });
    await space.define();
    await shop.stock.seed(Array.from({ length: 20 }, () => 5));
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        shop.target.place({ key: i, user: i, lines: [{ sku: i % 20, units: 1 }] }),
      ),
    );
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(await shop.stock.levels()).toEqual(Array.from({ length: 20 }, () => 3));
  });

  test('a lock whose transaction was lost is expired, if the server is there to have freed it', async () => {
    const [a, b] = [
      world === 'real' ? await contender() : await contender({}, losingItsTransactions),
      await contender(),
    ];
    const held = await a.hold();
    if (world === 'real') await endTransactionsOf(space.namespace.schema, key(0));
    expect((await b.acquire()).kind).toBe('held');
    expect(await held.release()).toBe('expired');
  });
});

/** The simulated server has no administrator: its transactions lose their locks to a statement that fails. */
const losingItsTransactions = ({ postgres }: TestNode): Partial<TestNode> => ({
  postgres: replacing(postgres, {
    apart: (connections) => {
      const apart = postgres.apart(connections);
      return replacing(apart, {
        transaction: (work) =>
          apart.transaction((query) =>
            work(async (statement: Statement) => {
              const result = await query(statement);
              await query({ kind: 'select', table: 'no_such_table', columns: [], where: [] }).catch(() => {});
              return result;
            }),
          ),
      } satisfies Partial<Postgres>);
    },
  }),
});

/** As an administrator would: ends the connections that hold the advisory lock of `key`. */
const endTransactionsOf = async (schema: string, key: string): Promise<void> => {
  const admin = new Client({ connectionString: inject('services').postgres });
  await admin.connect();
  const { rowCount } = await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted
       AND (classid::bigint << 32) + objid::bigint = hashtextextended($1, 0)`,
    [`${schema}:${key}`],
  );
  await admin.end();
  expect(rowCount).toBe(1);
};

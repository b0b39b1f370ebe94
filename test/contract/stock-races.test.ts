import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Postgres, Redis } from '../../src/backends/ports.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { StockPort } from '../../src/engine/stock/port.ts';
import { replacing } from '../../src/contract/faults.ts';
import { optionsOf } from '../../src/contract/options.ts';
import { placedOrder } from '../../src/contract/orders.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

/** Calls `before` just before an attempt's decisive write, whichever way the strategy takes. */
const interrupted = ({ redis, postgres }: TestNode, before: () => Promise<unknown>): Partial<TestNode> => {
  const run: Redis['run'] = async (script, keys, args) => {
    if (script.name === 'fenced-write') await before();
    return redis.run(script, keys, args);
  };
  const dedicated: Redis['dedicated'] = (work) =>
    redis.dedicated((connection) =>
      work({
        async call(command, ...args) {
          if (command === 'EXEC') await before();
          return connection.call(command, ...args);
        },
      }),
    );
  const transaction: Postgres['transaction'] = (work) =>
    postgres.transaction((query) =>
      work(async (statement) => {
        if (statement.kind === 'update' && statement.table === 'stock_levels') await before();
        return query(statement);
      }),
    );
  return {
    redis: replacing(redis, { run, dedicated }),
    postgres: replacing(postgres, { transaction }),
  };
};

describe.each(WORLDS)('races for a stock, $world', ({ open }) => {
  let space: Space;

  const stockOf = async (
    name: string,
    { options = {}, before }: { options?: Record<string, unknown>; before?: () => Promise<unknown> } = {},
  ): Promise<StockPort> => {
    const node = await space.node();
    const strategy = REGISTRY.stock[name]!;
    const changes = before === undefined ? {} : interrupted(node, before);
    return strategy.open(optionsOf(strategy, options), {
      ...node,
      ...changes,
      settings: { skus: 1, limitPerUser: 0 },
    });
  };

  beforeEach(async () => {
    space = await open();
    await space.define();
  });
  afterEach(() => space.close());

  describe('fenced-write', () => {
    /** An old holder wants the last unit, and a new one comes when it has decided. */
    const overtaken = async (fences: readonly [old: number | undefined, newer: number | undefined]) => {
      const newer = await stockOf('fenced-write');
      const old = await stockOf('fenced-write', {
        before: async () => {
          newerOutcome = newer.reserve(placedOrder(2), fences[1]);
          await newerOutcome;
        },
      });
      await newer.seed([1]);
      let newerOutcome: ReturnType<StockPort['reserve']> | undefined;
      const outcomes = [await old.reserve(placedOrder(1), fences[0]), await newerOutcome];
      return outcomes.map((outcome) => outcome?.kind);
    };

    test('refuses a write that a newer holder has overtaken', async () => {
      expect(await overtaken([1, 2])).toEqual(['stale-fence', 'reserved']);
    });

    test('sells the last unit twice without fences', async () => {
      expect(await overtaken([undefined, undefined])).toEqual(['reserved', 'reserved']);
    });

    test('refuses a write also when the newer holder has only read', async () => {
      let newerHasRead = () => {};
      const read = new Promise<void>((resolve) => {
        newerHasRead = resolve;
      });
      const newer = await stockOf('fenced-write', {
        before: () => {
          newerHasRead();
          return oldOutcome!;
        },
      });
      const old = await stockOf('fenced-write', {
        before: () => {
          newerOutcome = newer.reserve(placedOrder(2), 2);
          return read;
        },
      });
      await newer.seed([1]);
      let newerOutcome: ReturnType<StockPort['reserve']> | undefined;
      const oldOutcome: ReturnType<StockPort['reserve']> | undefined = old.reserve(placedOrder(1), 1);
      expect(await oldOutcome).toEqual({ kind: 'stale-fence' });
      expect(await newerOutcome).toEqual({ kind: 'reserved' });
      expect(await newer.levels()).toEqual([0]);
    });

    test('refuses a read with a fence older than one it has seen, and takes the newer one', async () => {
      const stock = await stockOf('fenced-write');
      await stock.seed([5]);
      expect(await stock.reserve(placedOrder(1), 7)).toEqual({ kind: 'reserved' });
      expect(await stock.reserve(placedOrder(2), 6)).toEqual({ kind: 'stale-fence' });
      expect(await stock.reserve(placedOrder(2), 8)).toEqual({ kind: 'reserved' });
    });

    test('keeps the units that were given back while it decided', async () => {
      const plain = await stockOf('fenced-write');
      await plain.seed([5]);
      await plain.reserve(placedOrder(1), 1);
      const stock = await stockOf('fenced-write', {
        before: () => plain.restore(placedOrder(1), 'cancelled'),
      });
      expect(await stock.reserve(placedOrder(2), 2)).toEqual({ kind: 'reserved' });
      expect(await plain.levels()).toEqual([4]);
    });
  });

  describe.each(['watch', 'pg-version'])('%s', (name) => {
    /** Somebody else takes a unit just before each of the first `intrusions` writes. */
    const contested = async (intrusions: number, maxRetries: number) => {
      const intruder = await stockOf(name);
      let attempts = 0;
      const stock = await stockOf(name, {
        options: { maxRetries, pauseMs: 0 },
        before: async () => {
          attempts += 1;
          if (attempts <= intrusions) await intruder.reserve(placedOrder(100 + attempts));
        },
      });
      await intruder.seed([50]);
      const outcome = await stock.reserve(placedOrder(1));
      return { outcome: outcome.kind, attempts, levels: await intruder.levels() };
    };

    test('tries again when another order came between', async () => {
      expect(await contested(2, 3)).toEqual({ outcome: 'reserved', attempts: 3, levels: [47] });
    });

    test('gives up when its retries are spent, and has taken nothing', async () => {
      expect(await contested(9, 3)).toEqual({ outcome: 'conflict', attempts: 4, levels: [46] });
    });
  });

  describe('pg-skip-locked', () => {
    test('does not call sold out what others only hold', async () => {
      const stock = await stockOf('pg-skip-locked', { options: { maxRetries: 0 } });
      await stock.seed([3]);
      const { postgres } = await space.node();
      const rollback = new Error('rolled back');
      const meanwhile: unknown[] = [];
      const holding = postgres.transaction(async (query) => {
        const held = await query({
          kind: 'select',
          table: 'stock_units',
          columns: ['unit'],
          where: [],
          lock: 'update-skip-locked',
        });
        meanwhile.push(held.count, await stock.reserve(placedOrder(1)));
        throw rollback;
      });
      await expect(holding).rejects.toBe(rollback);
      expect(meanwhile).toEqual([3, { kind: 'conflict' }]);
      for (const orderId of [1, 2, 3])
        expect(await stock.reserve(placedOrder(orderId))).toEqual({ kind: 'reserved' });
      expect(await stock.reserve(placedOrder(4))).toEqual({ kind: 'sold-out', sku: 0 });
    });
  });
});

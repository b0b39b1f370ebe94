import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { ReserveOutcome, StockStrategy } from '../../src/engine/stock/port.ts';
import { GuardedStock } from '../support/guarded-stock.ts';
import { linesOf, placedOrder } from '../support/orders.ts';
import { WORLDS, type Space } from '../support/worlds.ts';

const STOCKS = Object.values(REGISTRY.stock);
const KNOWS_KEYS = STOCKS.filter(({ guarantees }) => guarantees.idempotent !== 'same-request');
const UNSAFE_ALONE = STOCKS.filter(({ guarantees }) => guarantees.oversellSafe !== 'always');

const tally = (outcomes: readonly { readonly kind: string }[]) => {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

describe.each(WORLDS)('stocks, $world', ({ open }) => {
  let space: Space;

  /** `nodes` of them on the same units. */
  const stocks = async (
    strategy: StockStrategy,
    {
      units,
      limitPerUser = 0,
      nodes = 1,
    }: { units: readonly number[]; limitPerUser?: number; nodes?: number },
  ): Promise<GuardedStock[]> => {
    const settings = { skus: units.length, limitPerUser };
    const contexts = await Promise.all(Array.from({ length: nodes }, () => space.node()));
    const opened = contexts.map((context) => new GuardedStock(strategy, context, settings));
    await opened[0]!.bare.seed(units);
    return opened;
  };

  const stock = async (...args: Parameters<typeof stocks>) => (await stocks(...args))[0]!;

  beforeEach(async () => {
    space = await open();
    await space.define();
  });
  afterEach(() => space.close());

  /** 200 customers at two nodes want one of 50 units each. */
  const rush = async (
    strategy: StockStrategy,
    reserve: (stock: GuardedStock, order: ReturnType<typeof placedOrder>) => Promise<ReserveOutcome>,
  ) => {
    const nodes = await stocks(strategy, { units: [50], nodes: 2 });
    const orders = Array.from({ length: 200 }, (_, i) => placedOrder(i + 1));
    const outcomes = await Promise.all(orders.map((order, i) => reserve(nodes[i % 2]!, order)));
    return { outcomes: tally(outcomes), levels: await nodes[0]!.bare.levels() };
  };

  test.each(UNSAFE_ALONE)('$name oversells when nothing guards it', async (strategy) => {
    const { outcomes } = await rush(strategy, (stock, order) => stock.bare.reserve(order, undefined));
    expect(outcomes['reserved']).toBeGreaterThan(50);
  });

  test.each(KNOWS_KEYS)('$name knows a key whatever comes with it', async (strategy) => {
    const asked = await stock(strategy, { units: [5, 5] });
    await asked.reserve(placedOrder(1));
    const other = placedOrder(2, { key: placedOrder(1).key, user: 7, lines: linesOf(0, 2) });
    expect(await asked.reserve(other)).toEqual({ kind: 'duplicate', orderId: 1 });
    expect(await asked.bare.levels()).toEqual([4, 5]);
  });

  describe.each(STOCKS)('$name', (strategy) => {
    test('200 callers for 50 units: 50 have one', async () => {
      const rushed = await rush(strategy, (stock, order) => stock.reserve(order));
      expect(rushed).toEqual({ outcomes: { reserved: 50, 'sold-out': 150 }, levels: [0] });
    });

    test('the same key is the same order, asked one after the other', async () => {
      const asked = await stock(strategy, { units: [5] });
      expect(await asked.reserve(placedOrder(1))).toEqual({ kind: 'reserved' });
      const again = { ...placedOrder(1), orderId: 2 };
      expect(await asked.reserve(again)).toEqual({ kind: 'duplicate', orderId: 1 });
      expect(await asked.bare.levels()).toEqual([4]);
    });

    test('the same key is the same order, asked at once on two nodes', async () => {
      const nodes = await stocks(strategy, { units: [50], nodes: 2 });
      for (let key = 1; key <= 10; key += 1) {
        const orders = [2 * key, 2 * key + 1].map((orderId) => placedOrder(orderId, { key, user: key }));
        const outcomes = await Promise.all(orders.map((order, i) => nodes[i]!.reserve(order)));
        expect(tally(outcomes)).toEqual({ reserved: 1, duplicate: 1 });
        const winner = orders[outcomes.findIndex(({ kind }) => kind === 'reserved')]!;
        expect(outcomes).toContainEqual({ kind: 'duplicate', orderId: winner.orderId });
      }
      expect(await nodes[0]!.bare.levels()).toEqual([40]);
    });

    test('a user takes no more of a product than the limit', async () => {
      const limited = await stock(strategy, { units: [50, 50], limitPerUser: 3 });
      const order = (orderId: number, user: number, ...units: number[]) =>
        limited.reserve(placedOrder(orderId, { user, lines: linesOf(...units) }));
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => order(i + 1, 7, 1)));
      expect(tally(outcomes)).toEqual({ reserved: 3, 'limit-reached': 7 });
      expect(await order(11, 7, 0, 3)).toEqual({ kind: 'reserved' });
      expect(await order(12, 7, 0, 1)).toEqual({ kind: 'limit-reached', sku: 1 });
      expect(await order(13, 8, 4)).toEqual({ kind: 'limit-reached', sku: 0 });
      expect(await order(14, 8, 3)).toEqual({ kind: 'reserved' });
      expect(await limited.bare.levels()).toEqual([44, 47]);
    });

    test('an order of several lines is taken whole or not at all', async () => {
      const several = await stock(strategy, { units: [5, 5, 1] });
      expect(await several.reserve(placedOrder(1, { lines: linesOf(2, 2, 2) }))).toEqual({
        kind: 'sold-out',
        sku: 2,
      });
      expect(await several.bare.levels()).toEqual([5, 5, 1]);
      expect(await several.reserve(placedOrder(1, { lines: linesOf(2, 5, 1) }))).toEqual({
        kind: 'reserved',
      });
      expect(await several.bare.levels()).toEqual([3, 0, 0]);
    });

    test.each(['cancelled', 'not-placed'] as const)(
      'a %s order gives its units back once',
      async (because) => {
        const nodes = await stocks(strategy, { units: [5, 5], limitPerUser: 2, nodes: 2 });
        const [first] = nodes as [GuardedStock];
        const order = placedOrder(1, { lines: linesOf(2, 1) });
        expect(await first.reserve(order)).toEqual({ kind: 'reserved' });
        const restored = await Promise.all(
          Array.from({ length: 10 }, (_, i) => nodes[i % 2]!.restore(order, because)),
        );
        expect(restored.toSorted()).toEqual([...Array.from({ length: 9 }, () => 'not-reserved'), 'restored']);
        expect(await first.bare.levels()).toEqual([5, 5]);
        // The limit counts what a user has, and not what was given back.
        expect(await first.reserve(placedOrder(2, { user: order.user, lines: linesOf(2) }))).toEqual({
          kind: 'reserved',
        });
      },
    );

    test('a cancelled order keeps its key, one that was not placed frees it', async () => {
      const kept = await stock(strategy, { units: [5] });
      const [cancelled, notPlaced] = [placedOrder(1), placedOrder(2)];
      await kept.reserve(cancelled);
      await kept.reserve(notPlaced);
      await kept.restore(cancelled, 'cancelled');
      await kept.restore(notPlaced, 'not-placed');
      expect(await kept.reserve({ ...cancelled, orderId: 3 })).toEqual({ kind: 'duplicate', orderId: 1 });
      expect(await kept.reserve({ ...notPlaced, orderId: 4 })).toEqual({ kind: 'reserved' });
      // The order that had the key before has nothing left to give back.
      expect(await kept.restore(notPlaced, 'not-placed')).toBe('not-reserved');
      expect(await kept.bare.levels()).toEqual([4]);
    });

    test('what was never reserved is not given back', async () => {
      const untouched = await stock(strategy, { units: [5] });
      expect(await untouched.restore(placedOrder(1), 'cancelled')).toBe('not-reserved');
      await untouched.reserve(placedOrder(2));
      const impostor = placedOrder(3, { key: placedOrder(2).key });
      expect(await untouched.restore(impostor, 'cancelled')).toBe('not-reserved');
      expect(await untouched.bare.levels()).toEqual([4]);
    });

    test('thousands of products are seeded and read, and a new seed replaces the old', async () => {
      const units = Array.from({ length: 2_500 }, (_, sku) => sku % 5);
      const many = await stock(strategy, { units });
      expect(await many.bare.levels()).toEqual(units);
      await many.reserve(placedOrder(1, { lines: [{ sku: 2_499, units: 4 }] }));
      expect((await many.bare.levels()).slice(-2)).toEqual([3, 0]);
      await many.bare.seed(units);
      expect(await many.bare.levels()).toEqual(units);
    });
  });
});

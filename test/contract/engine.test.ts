import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../src/backends/ports.ts';
import type { EnginePlan } from '../../src/engine/compose.ts';
import type { Chosen } from '../../src/engine/own-strategies.ts';
import { seedProducts } from '../../src/engine/ledger/products.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { OrderRequest, PlacedOrder } from '../../src/engine/types.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { replacing } from '../../src/contract/faults.ts';
import { linesOf } from '../../src/contract/orders.ts';
import { EventFaults, openShop, type Shop } from '../support/shop.ts';
import { WORLDS, type Space } from '../support/worlds.ts';

const chosen = (name: string): Chosen => ({ name, options: {} });

/** Every stock and every queue, each with the default of the other: they meet only through the engine. */
const COMBINATIONS = Object.keys(REGISTRY.stock)
  .flatMap((stock) => Object.keys(REGISTRY.queue).map((queue) => ({ stock, queue })))
  .filter(({ stock, queue }) => stock === 'lua' || queue === 'confirm');

let keys = 0;
const request = (changes: Partial<OrderRequest> = {}): OrderRequest => {
  keys += 1;
  return { key: keys, user: keys, lines: linesOf(1), ...changes };
};

/** A node may hear of a change a little later than the one that made it. */
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 1 });

describe.each(WORLDS)('the engine, $world', ({ open }) => {
  let space: Space;

  /** Stocks the shop that `shop` is a node of. */
  const stockUp = async ({ stock, queue, node }: Shop, units: readonly number[]) => {
    await Promise.all([
      space.define().then(() => seedProducts(node.postgres, units.length, new SeededRandom(1))),
      queue.declare(),
      stock.seed(units),
    ]);
  };

  const stockedShop = async (plan: Partial<EnginePlan>, ...units: readonly number[]) => {
    const catalogue = { skus: units.length, limitPerUser: 0 };
    const shop = await openShop(space, { catalogue, ...plan });
    await stockUp(shop, units);
    return shop;
  };

  const placed = async ({ target }: Shop, order: OrderRequest): Promise<PlacedOrder> => {
    const outcome = await target.place(order);
    if (outcome.kind !== 'accepted') throw new Error(`the order is ${outcome.kind}`);
    return { ...order, orderId: outcome.orderId };
  };

  /** The ledger, once everything that was sent to it is there. */
  const ledgerOf = async ({ queue, ledger, node }: Shop, settled: number) => {
    const unsubscribe = await queue.subscribe();
    await node.telemetry.reached('queue.settled', settled);
    await unsubscribe();
    const entries = await ledger.read(0, 10_000);
    return entries.map(({ kind, orderId, sku, units }) => `${kind} ${orderId}: ${units} of ${sku}`);
  };

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  describe.each(COMBINATIONS)('with stock $stock and queue $queue', (names) => {
    const plan = { stock: chosen(names.stock), queue: chosen(names.queue) };

    test('an accepted order has its units and its place in the ledger', async () => {
      const shop = await stockedShop(plan, 5, 5, 5);
      const order = await placed(shop, request({ lines: linesOf(2, 0, 3) }));
      expect(await shop.stock.levels()).toEqual([3, 5, 2]);
      expect(await ledgerOf(shop, 1)).toEqual([
        `placed ${order.orderId}: 2 of 0`,
        `placed ${order.orderId}: 3 of 2`,
      ]);
      expect(shop.node.telemetry.of('queue.published')).toBe(1);
      expect(shop.node.telemetry.of('queue.confirmed-lines')).toBe(2);
    });

    test('the same request again is the same order', async () => {
      const shop = await stockedShop(plan, 5);
      const order = request();
      const outcomes = await Promise.all([1, 2, 3].map(() => shop.target.place(order)));
      const ids = outcomes.map((outcome) => (outcome.kind === 'accepted' ? outcome.orderId : outcome.kind));
      expect(new Set(ids).size).toBe(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'accepted' && outcome.replayed)).toHaveLength(2);
      expect(await shop.stock.levels()).toEqual([4]);
      expect(await ledgerOf(shop, 1)).toHaveLength(1);
    });

    test('nodes number their orders apart', async () => {
      const [a, b] = [await stockedShop(plan, 50), await openShop(space, plan)];
      const orders = await Promise.all(
        Array.from({ length: 20 }, (_, i) => placed(i % 2 ? a : b, request())),
      );
      expect(new Set(orders.map(({ orderId }) => orderId)).size).toBe(20);
    });

    test('an order whose event is refused is not placed: units and key are free again', async () => {
      const faults = new EventFaults();
      const shop = await openShop(
        space,
        { ...plan, catalogue: { skus: 1, limitPerUser: 1 } },
        faults.between,
      );
      await stockUp(shop, [5]);
      faults.mode = 'refuse';
      const order = request();
      expect(await shop.target.place(order)).toMatchObject({ kind: 'failed', reason: /refused/ });
      expect(await shop.stock.levels()).toEqual([5]);
      faults.mode = 'none';
      expect(await shop.target.place(order)).toMatchObject({ kind: 'accepted', replayed: false });
      expect(await shop.stock.levels()).toEqual([4]);
    });

    test('an order whose event had no answer is unknown, and keeps its units', async () => {
      const faults = new EventFaults();
      const shop = await openShop(space, plan, faults.between);
      await stockUp(shop, [5]);
      faults.mode = 'lose';
      expect(await shop.target.place(request())).toMatchObject({
        kind: 'unknown',
        reason: /answer was lost/,
      });
      expect(await shop.stock.levels()).toEqual([4]);
      expect(shop.node.telemetry.of('queue.unknown')).toBe(1);
      faults.mode = 'none';
      const settled = names.queue === 'direct' ? 0 : 1;
      expect(await ledgerOf(shop, settled)).toHaveLength(1);
    });

    test('an order is promised again only when its event is on its way: the first one may be lost', async () => {
      const faults = new EventFaults();
      const shop = await openShop(space, plan, faults.between);
      await stockUp(shop, [5]);
      const order = request();
      faults.mode = 'swallow';
      expect(await shop.target.place(order)).toMatchObject({ kind: 'unknown' });
      expect(await shop.target.place(order)).toMatchObject({ kind: 'unknown' });
      faults.mode = 'none';
      expect(await shop.target.place(order)).toMatchObject({ kind: 'accepted', replayed: true });
      expect(await ledgerOf(shop, names.queue === 'direct' ? 0 : 1)).toHaveLength(1);
      expect(await shop.stock.levels()).toEqual([4]);
    });

    test('a payment follows its order', async () => {
      const shop = await stockedShop(plan, 5);
      const order = await placed(shop, request());
      expect(await shop.target.pay(order)).toEqual({ kind: 'done' });
      expect(await ledgerOf(shop, 2)).toEqual([
        `placed ${order.orderId}: 1 of 0`,
        `paid ${order.orderId}: 1 of 0`,
      ]);
    });

    test('a cancelled order gives its units back once, however often it is asked for', async () => {
      const shop = await stockedShop(plan, 5, 5);
      const order = await placed(shop, request({ lines: linesOf(2, 1) }));
      const outcomes = await Promise.all([1, 2, 3].map(() => shop.target.cancel(order)));
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'rejected', 'rejected']);
      expect(await shop.target.cancel(order)).toEqual({ kind: 'rejected' });
      expect(await shop.stock.levels()).toEqual([5, 5]);
      // A late repetition is not a new order.
      expect(await shop.target.place(order)).toMatchObject({ kind: 'accepted', orderId: order.orderId });
      expect(await shop.stock.levels()).toEqual([5, 5]);
    });

    test('a rush of orders and cancellations on two nodes loses no unit and sells none twice', async () => {
      const shops = [await stockedShop(plan, 20), await openShop(space, plan)];
      const customer = async (i: number) => {
        const shop = shops[i % 2]!;
        const outcome = await shop.target.place({ key: i + 1_000, user: i, lines: linesOf(1) });
        if (outcome.kind !== 'accepted') return 0;
        if (i % 3 > 0) return 1;
        const order = { key: i + 1_000, user: i, lines: linesOf(1), orderId: outcome.orderId };
        return (await shop.target.cancel(order)).kind === 'done' ? 0 : 1;
      };
      const kept = await Promise.all(Array.from({ length: 60 }, (_, i) => customer(i)));
      const sold = kept.reduce((sum: number, units) => sum + units, 0);
      expect(await shops[0]!.stock.levels()).toEqual([20 - sold]);
    });
  });

  describe.each(Object.keys(REGISTRY.cache))('with cache %s', (cache) => {
    const plan = { cache: chosen(cache) };

    test('sold out is said in the answer and then on the page, on every node', async () => {
      const [a, b] = [await stockedShop(plan, 5, 1), await openShop(space, plan)];
      expect(await a.target.browse(1)).toMatchObject({ sku: 1, soldOut: false, version: 1 });
      expect(await b.target.browse(1)).toMatchObject({ soldOut: false });
      await placed(a, request({ lines: linesOf(0, 1) }));
      const late = await Promise.all([1, 2, 3].map(() => a.target.place(request({ lines: linesOf(1, 1) }))));
      for (const outcome of late) expect(outcome).toEqual({ kind: 'sold-out', sku: 1 });
      expect(await a.target.browse(1)).toMatchObject({ soldOut: true, version: 2 });
      await eventually(async () =>
        expect(await b.target.browse(1)).toMatchObject({ soldOut: true, version: 2 }),
      );
      expect(await a.target.browse(0)).toMatchObject({ soldOut: false, version: 1 });
      expect(await a.stock.levels()).toEqual([5, 0]);
    });

    test('what is cancelled on one node is for sale again on the page that another marked', async () => {
      const [a, b] = [await stockedShop(plan, 1), await openShop(space, plan)];
      const order = await placed(b, request());
      expect(await a.target.place(request())).toEqual({ kind: 'sold-out', sku: 0 });
      expect(await a.target.browse(0)).toMatchObject({ soldOut: true });
      expect(await b.target.cancel(order)).toEqual({ kind: 'done' });
      await eventually(async () => expect(await a.target.browse(0)).toMatchObject({ soldOut: false }));
      expect(await a.target.place(request())).toMatchObject({ kind: 'accepted' });
    });

    test('there is no page of a product that is not there', async () => {
      const shop = await stockedShop(plan, 1);
      expect(await shop.target.browse(1)).toBeUndefined();
      expect(await shop.target.browse(0)).toMatchObject({ sku: 0 });
    });
  });

  test('a user who has all that one may have is told so', async () => {
    const shop = await stockedShop({ catalogue: { skus: 2, limitPerUser: 2 } }, 50, 50);
    await placed(shop, request({ user: 7, lines: linesOf(2) }));
    const more = await shop.target.place(request({ user: 7, lines: linesOf(1, 1) }));
    expect(more).toEqual({ kind: 'limit-reached', sku: 0 });
    expect(await shop.stock.levels()).toEqual([48, 50]);
  });

  test('an order that does not win its lock in time is contended, and takes nothing', async () => {
    const shop = await stockedShop({ lockWaitMs: 20 }, 5);
    const other = await openShop(space);
    const held = await other.lock.acquire({ keys: [space.namespace.key('lock:0')], waitMs: 0 });
    if (held.kind !== 'held') throw new Error('the lock is not free');
    expect(await shop.target.place(request())).toEqual({ kind: 'contended' });
    expect(await shop.stock.levels()).toEqual([5]);
    const { telemetry } = shop.node;
    expect([telemetry.of('lock.attempts'), telemetry.of('lock.contended')]).toEqual([1, 1]);
    await held.release();
    expect(await shop.target.place(request())).toMatchObject({ kind: 'accepted' });
  });

  test('a cancellation that does not win its lock has failed, and can be repeated', async () => {
    const shop = await stockedShop({ lockWaitMs: 20 }, 5);
    const order = await placed(shop, request());
    const other = await openShop(space);
    const held = await other.lock.acquire({ keys: [space.namespace.key('lock:0')], waitMs: 0 });
    if (held.kind !== 'held') throw new Error('the lock is not free');
    expect(await shop.target.cancel(order)).toMatchObject({ kind: 'failed' });
    await held.release();
    expect(await shop.target.cancel(order)).toEqual({ kind: 'done' });
    expect(await shop.stock.levels()).toEqual([5]);
  });

  test('a lease that was lost under an order is counted', async () => {
    const shop = await openShop(space, {}, ({ broker, redis }) => ({
      broker: replacing(broker, {
        publish: async (message) => {
          await redis.call('DEL', space.namespace.key('lock:0'));
          return broker.publish(message);
        },
      }),
    }));
    await stockUp(shop, [5]);
    await placed(shop, request());
    expect(shop.node.telemetry.of('lock.expired')).toBe(1);
  });

  test('scripts that fail make failures and unknowns of orders, and never an exception', async () => {
    let fault: BackendError | undefined;
    let failing = '';
    const shop = await openShop(space, {}, ({ redis }) => ({
      redis: replacing(redis, {
        run: (script, keys, args) =>
          fault && script.name === failing ? Promise.reject(fault) : redis.run(script, keys, args),
      }),
    }));
    await stockUp(shop, [5]);
    const order = await placed(shop, request());

    fault = new BackendError('redis', 'none', 'READONLY');
    failing = 'reserve';
    expect(await shop.target.place(request())).toMatchObject({ kind: 'failed', reason: /READONLY/ });
    failing = 'restore';
    // The ledger has it, the stock has not: neither done nor undone.
    expect(await shop.target.cancel(order)).toMatchObject({ kind: 'unknown' });
    // Left to its lease, the lock stays; the order is placed all the same.
    failing = 'release-token';
    expect(await shop.target.place(request())).toMatchObject({ kind: 'accepted' });
    await shop.node.redis.call('DEL', space.namespace.key('lock:0'));

    fault = new BackendError('redis', 'unknown', 'reset');
    failing = 'reserve';
    expect(await shop.target.place(request())).toMatchObject({ kind: 'unknown' });
  });

  test('an order is not sure to have failed when its units could not be given back', async () => {
    const faults = new EventFaults();
    const shop = await openShop(space, {}, (backends) => ({
      ...faults.between(backends),
      redis: replacing(backends.redis, {
        run: (script, keys, args) =>
          script.name === 'restore'
            ? Promise.reject(new BackendError('redis', 'none', 'READONLY'))
            : backends.redis.run(script, keys, args),
      }),
    }));
    await stockUp(shop, [5]);
    faults.mode = 'refuse';
    expect(await shop.target.place(request())).toMatchObject({ kind: 'unknown', reason: /READONLY/ });
  });

  test('without its services a shop answers, and says what failed', async () => {
    const shop = await stockedShop({}, 5);
    const order = await placed(shop, request());
    await shop.node.redis.close();
    await shop.node.broker.close();
    expect(await shop.target.place(request())).toMatchObject({ kind: 'failed' });
    expect(await shop.target.cancel(order)).toMatchObject({ kind: 'failed' });
    const paid = await shop.target.pay(order);
    expect(['failed', 'unknown']).toContain(paid.kind);
  });

  test('a cart adds up, is taken whole and sorted, and is empty then', async () => {
    const { target } = await openShop(space);
    await Promise.all([
      target.addToCart(1, { sku: 10, units: 1 }),
      target.addToCart(1, { sku: 9, units: 2 }),
      target.addToCart(1, { sku: 10, units: 3 }),
      target.addToCart(2, { sku: 0, units: 5 }),
    ]);
    const carts = await Promise.all([target.takeCart(1), target.takeCart(1)]);
    expect(carts.toSorted((a, b) => b.length - a.length)).toEqual([
      [
        { sku: 9, units: 2 },
        { sku: 10, units: 4 },
      ],
      [],
    ]);
    expect(await target.takeCart(2)).toEqual([{ sku: 0, units: 5 }]);
    expect(await target.takeCart(3)).toEqual([]);
  });
});

import type { RestoreReason, StockStrategy } from '../../engine/stock/port.ts';
import { linesOf, placedOrder } from '../orders.ts';
import { type Property, same } from '../property.ts';
import type { GuardedStock } from './guarded-stock.ts';
import { openStock, openStocks } from './open.ts';

const once = (because: RestoreReason): Property<StockStrategy> => ({
  name: `a ${because} order gives its units back once`,
  async check(strategy, space) {
    const nodes = await openStocks(strategy, space, { units: [5, 5], limitPerUser: 2, nodes: 2 });
    const [first] = nodes as readonly [GuardedStock];
    const order = placedOrder(1, { lines: linesOf(2, 1) });
    same(await first.reserve(order), { kind: 'reserved' }, 'an order');
    const restored = await Promise.all(
      Array.from({ length: 10 }, (_, i) => nodes[i % 2]!.restore(order, because)),
    );
    const expected = [...Array.from({ length: 9 }, () => 'not-reserved'), 'restored'];
    same(restored.toSorted(), expected, 'giving it back ten times at once');
    same(await first.bare.levels(), [5, 5], 'the units left');
    // The limit counts what a user has, and not what was given back.
    const next = await first.reserve(placedOrder(2, { user: order.user, lines: linesOf(2) }));
    same(next, { kind: 'reserved' }, 'the next order of the same user, up to the limit');
  },
});

const keysAfterwards: Property<StockStrategy> = {
  name: 'a cancelled order keeps its key, one that was not placed frees it',
  async check(strategy, space) {
    const stock = await openStock(strategy, space, { units: [5] });
    const [cancelled, notPlaced] = [placedOrder(1), placedOrder(2)];
    await stock.reserve(cancelled);
    await stock.reserve(notPlaced);
    await stock.restore(cancelled, 'cancelled');
    await stock.restore(notPlaced, 'not-placed');
    const kept = await stock.reserve({ ...cancelled, orderId: 3 });
    same(kept, { kind: 'duplicate', orderId: 1 }, 'the key of a cancelled order');
    const freed = await stock.reserve({ ...notPlaced, orderId: 4 });
    same(freed, { kind: 'reserved' }, 'the key of an order that was not placed');
    const late = await stock.restore(notPlaced, 'not-placed');
    same(late, 'not-reserved', 'giving back the order that had the key before');
    same(await stock.bare.levels(), [4], 'the units left');
  },
};

const onlyWhatWasTaken: Property<StockStrategy> = {
  name: 'what was never reserved is not given back',
  async check(strategy, space) {
    const stock = await openStock(strategy, space, { units: [5] });
    const unknown = await stock.restore(placedOrder(1), 'cancelled');
    same(unknown, 'not-reserved', 'giving back an unknown order');
    await stock.reserve(placedOrder(2));
    const impostor = placedOrder(3, { key: placedOrder(2).key });
    same(await stock.restore(impostor, 'cancelled'), 'not-reserved', 'giving back under the key of another');
    same(await stock.bare.levels(), [4], 'the units left');
  },
};

export const GIVING_BACK: readonly Property<StockStrategy>[] = [
  once('cancelled'),
  once('not-placed'),
  keysAfterwards,
  onlyWhatWasTaken,
];

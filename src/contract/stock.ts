import type { StockStrategy } from '../engine/stock/port.ts';
import { placedOrder } from './orders.ts';
import { type Property, same } from './property.ts';
import { GIVING_BACK } from './stock/giving-back.ts';
import { openStock } from './stock/open.ts';
import { TAKING } from './stock/taking.ts';

const manyProducts: Property<StockStrategy> = {
  name: 'thousands of products are seeded and read, and a new seed replaces the old',
  sequential: true,
  async check(strategy, space) {
    const units = Array.from({ length: 2_500 }, (_, sku) => sku % 5);
    const stock = await openStock(strategy, space, { units });
    same(await stock.bare.levels(), units, 'the units left at first');
    await stock.reserve(placedOrder(1, { lines: [{ sku: 2_499, units: 4 }] }));
    same((await stock.bare.levels()).slice(-2), [3, 0], 'the units left of the last two products');
    await stock.bare.seed(units);
    same(await stock.bare.levels(), units, 'the units left after a new seed');
  },
};

export const STOCK_PROPERTIES: readonly Property<StockStrategy>[] = [...TAKING, ...GIVING_BACK, manyProducts];

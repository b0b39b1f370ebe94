import type { OrderLine, PlacedOrder } from '../engine/types.ts';

/** An order of one unit of SKU 0, by a user of its own under a key of its own, but for what `changes` says. */
export const placedOrder = (orderId: number, changes: Partial<PlacedOrder> = {}): PlacedOrder => ({
  orderId,
  key: 1_000 + orderId,
  user: 2_000 + orderId,
  lines: [{ sku: 0, units: 1 }],
  ...changes,
});

/** One line per SKU, from 0 on; a 0 leaves the SKU out. */
export const linesOf = (...units: readonly number[]): readonly OrderLine[] =>
  units.map((units, sku) => ({ sku, units })).filter(({ units }) => units > 0);

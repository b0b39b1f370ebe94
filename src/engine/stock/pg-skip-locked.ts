import { z } from 'zod';
import type { Postgres, TableSpec, Where } from '../../backends/ports.ts';
import type { Sku } from '../types.ts';
import type { Query } from './pg-records.ts';
import { insertRows, openPgStock, type PgUnits } from './pg-stock.ts';
import type { StockStrategy } from './port.ts';
import { RETRY_OPTIONS } from './retry.ts';

/** Each unit is a row, free or taken by an order. The second key is there for its index. */
const UNITS: TableSpec = {
  name: 'stock_units',
  columns: { unit: 'bigint', order_id: 'bigint' },
  primaryKey: ['unit'],
  unique: [['order_id', 'unit']],
};

const FREE = 0;
const MAX_UNITS = 200_000;
/** A unit's number tells its SKU; beyond MAX_UNITS. */
const UNITS_PER_SKU = 2 ** 20;

const options = z.strictObject(RETRY_OPTIONS);

/** The units of a SKU that an order has, or that are free. */
const unitsOf = (sku: Sku, orderId: number): Where => [
  ['order_id', '=', orderId],
  ['unit', '>=', sku * UNITS_PER_SKU],
  ['unit', '<', (sku + 1) * UNITS_PER_SKU],
];

const findFree = async (query: Query, sku: Sku, limit: number, lock?: 'update-skip-locked') => {
  const { rows } = await query({
    kind: 'select',
    table: UNITS.name,
    columns: ['unit'],
    where: unitsOf(sku, FREE),
    limit,
    ...(lock && { lock }),
  });
  return rows.map((row) => row['unit'] as number);
};

const pgUnits = (postgres: Postgres): PgUnits => ({
  table: UNITS,
  async take(query, { sku, units }, orderId) {
    const found = await findFree(query, sku, units, 'update-skip-locked');
    if (found.length < units) {
      // Units that others hold are free until these commit, and if they roll back.
      return (await findFree(query, sku, units)).length < units ? 'short' : 'contended';
    }
    await query({
      kind: 'update',
      table: UNITS.name,
      set: { order_id: orderId },
      where: [['unit', 'in', found]],
    });
    return 'taken';
  },
  async giveBack(query, { sku }, orderId) {
    await query({ kind: 'update', table: UNITS.name, set: { order_id: FREE }, where: unitsOf(sku, orderId) });
  },
  async fill(unitsBySku) {
    const unit = unitsBySku.flatMap((units, sku) =>
      Array.from({ length: units }, (_, i) => sku * UNITS_PER_SKU + i),
    );
    await insertRows(postgres, UNITS.name, { unit, order_id: unit.map(() => FREE) });
  },
  async levels(skus) {
    const { rows } = await postgres.query({
      kind: 'select',
      table: UNITS.name,
      columns: ['unit'],
      where: [['order_id', '=', FREE]],
    });
    const levels = Array.from({ length: skus }, () => 0);
    for (const row of rows) {
      const sku = Math.floor((row['unit'] as number) / UNITS_PER_SKU);
      levels[sku] = levels[sku]! + 1;
    }
    return levels;
  },
});

export const pgSkipLocked: StockStrategy<z.infer<typeof options>> = {
  name: 'pg-skip-locked',
  summary: 'one row per unit, taken by FOR UPDATE SKIP LOCKED: orders of one SKU do not wait for each other',
  page: `Every unit is a row. An order locks as many free ones as it wants, passing over those that others have locked, and writes its number into them; the idempotency key and the user's units change in the same transaction. Orders of one SKU proceed side by side.

When it finds too few, the rest may be locked by orders that will yet roll back: only if too few are free even with those, it is sold out. Otherwise the order is tried again after a pause with full jitter, maxRetries times at most.

Breaks: who runs out of retries near the end is turned away although units may be left. All begin at the same end of the index and step over each other's rows. It never oversells.

Costs a transaction of five or more round trips, and a row for each unit: 200,000 units at most. Counting what is left reads all free rows. The embedded PostgreSQL scans a SKU's units one by one: keep them to a few thousand there. Choose it for a hot SKU of few units, such as seats, where each unit is somebody's.`,
  guarantees: { oversellSafe: 'always', idempotent: 'always', givesUp: true, maxUnits: MAX_UNITS },
  uses: ['postgres'],
  options,
  open: (retries, context) => openPgStock(context, pgUnits(context.postgres), retries),
};

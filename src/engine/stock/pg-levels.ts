import type { Postgres, TableSpec } from '../../backends/ports.ts';
import type { OrderLine } from '../types.ts';
import type { Query } from './pg-records.ts';
import { insertRows, type PgUnits } from './pg-stock.ts';

/** One row per SKU with the units left. Only optimistic writers look at the version. */
export const LEVELS: TableSpec = {
  name: 'stock_levels',
  columns: { units: 'bigint', version: 'bigint', sku: 'integer' },
  primaryKey: ['sku'],
};

const READ_BATCH = 10_000;

/** Stocks that keep one number per SKU, and differ in how it is taken from. */
export const pgLevels = (postgres: Postgres, take: PgUnits['take']): PgUnits => ({
  table: LEVELS,
  take,
  async giveBack(query, line) {
    await addUnits(query, line.sku, line.units);
  },
  fill: (unitsBySku) =>
    insertRows(postgres, LEVELS.name, {
      sku: [...unitsBySku.keys()],
      units: unitsBySku,
      version: unitsBySku.map(() => 1),
    }),
  async levels(skus) {
    const levels: number[] = [];
    while (levels.length < skus) {
      const { rows } = await postgres.query({
        kind: 'select',
        table: LEVELS.name,
        columns: ['units'],
        where: [['sku', '>=', levels.length]],
        orderBy: ['sku'],
        limit: READ_BATCH,
      });
      if (rows.length === 0) break;
      levels.push(...rows.map((row) => row['units'] as number));
    }
    return levels;
  },
});

/** Adds to a SKU's units, or takes from them when negative; optimistic writers see that the row has changed. */
export const addUnits = (query: Query, sku: number, units: number) =>
  query({
    kind: 'update',
    table: LEVELS.name,
    set: { units: { add: units }, version: { add: 1 } },
    where: [['sku', '=', sku]],
  });

/** What the SKU's row says; `lock`: held to the end of the transaction. A SKU without a row has no units. */
export const readLevel = async (
  query: Query,
  { sku }: OrderLine,
  lock?: 'update',
): Promise<{ readonly units: number; readonly version: number }> => {
  const { rows } = await query({
    kind: 'select',
    table: LEVELS.name,
    columns: ['units', 'version'],
    where: [['sku', '=', sku]],
    ...(lock && { lock }),
  });
  return { units: Number(rows[0]?.['units'] ?? 0), version: Number(rows[0]?.['version'] ?? 0) };
};

import type { Postgres, TableSpec } from '../../backends/ports.ts';
import type { EngineContext } from '../strategy.ts';
import type { OrderLine, PlacedOrder } from '../types.ts';
import {
  claimKey,
  countUnits,
  ORDERS,
  Refusal,
  releaseKey,
  TAKERS,
  uncountUnits,
  type Query,
} from './pg-records.ts';
import type { ReserveOutcome, StockContext, StockPort } from './port.ts';
import { retryConflicts, type RetryLimits } from './retry.ts';

/** How the units of one line are kept: all that differs between the stocks in PostgreSQL. */
export interface PgUnits {
  readonly table: TableSpec;
  /** `contended`: another order is in the way, and the transaction must begin anew. */
  take(query: Query, line: OrderLine, orderId: number): Promise<'taken' | 'short' | 'contended'>;
  giveBack(query: Query, line: OrderLine, orderId: number): Promise<void>;
  /** Fills the empty table. */
  fill(unitsBySku: readonly number[]): Promise<void>;
  levels(skus: number): Promise<readonly number[]>;
}

/**
 * A stock in PostgreSQL: the key, the user's limit and the units of an order change in one transaction, which is
 * rolled back when any line cannot be had. Rows are locked in one order - key, then SKU by SKU - so nobody deadlocks.
 */
export const openPgStock = (
  context: EngineContext & StockContext,
  units: PgUnits,
  retries: RetryLimits,
): StockPort => {
  const { postgres } = context;
  const { limitPerUser, skus } = context.settings;

  const reserveOnce = async (order: PlacedOrder): Promise<ReserveOutcome> => {
    try {
      await postgres.transaction(async (query) => {
        await claimKey(query, order);
        for (const line of order.lines) {
          const taking = await units.take(query, line, order.orderId);
          if (taking === 'contended') throw new Refusal({ kind: 'conflict' });
          if (taking === 'short') throw new Refusal({ kind: 'sold-out', sku: line.sku });
          if (limitPerUser > 0) await countUnits(query, order.user, line, limitPerUser);
        }
      });
      return { kind: 'reserved' };
    } catch (error) {
      if (error instanceof Refusal) return error.outcome;
      throw error;
    }
  };

  return {
    reserve: (order) => retryConflicts(context, retries, () => reserveOnce(order)),
    restore: (order, because) =>
      postgres.transaction(async (query) => {
        if (!(await releaseKey(query, order, because))) return 'not-reserved';
        for (const line of order.lines) {
          await units.giveBack(query, line, order.orderId);
          if (limitPerUser > 0) await uncountUnits(query, order.user, line);
        }
        return 'restored';
      }),
    async seed(unitsBySku) {
      const tables = [ORDERS, TAKERS, units.table];
      await postgres.define(tables);
      for (const { name } of tables) await postgres.query({ kind: 'delete', table: name, where: [] });
      await units.fill(unitsBySku);
    },
    levels: () => units.levels(skus),
  };
};

/** Rows of one insert when a whole catalogue is written. */
const FILL_BATCH = 5_000;

/** Inserts any number of rows, column by column. */
export const insertRows = async (
  postgres: Postgres,
  table: string,
  columns: Readonly<Record<string, readonly number[]>>,
): Promise<void> => {
  const rows = Object.values(columns)[0]?.length ?? 0;
  for (let from = 0; from < rows; from += FILL_BATCH) {
    const batch = Object.entries(columns).map(([name, values]) => [
      name,
      values.slice(from, from + FILL_BATCH),
    ]);
    await postgres.query({
      kind: 'insert',
      table,
      columns: Object.fromEntries(batch) as Record<string, number[]>,
      onConflict: 'fail',
    });
  }
};

import type { Statement, StatementResult, TableSpec } from '../../backends/ports.ts';
import type { OrderLine, PlacedOrder } from '../types.ts';
import type { ReserveOutcome, RestoreReason } from './port.ts';

/** A statement within the order's transaction. */
export type Query = (statement: Statement) => Promise<StatementResult>;

/** The order that holds a key; its id is negative once its units were given back. */
export const ORDERS: TableSpec = {
  name: 'stock_orders',
  columns: { order_key: 'bigint', order_id: 'bigint' },
  primaryKey: ['order_key'],
};

/** Units a user has of a SKU. */
export const TAKERS: TableSpec = {
  name: 'stock_takers',
  columns: { user_id: 'bigint', sku: 'integer', units: 'integer' },
  primaryKey: ['user_id', 'sku'],
};

/** Ends a transaction that must leave no trace. */
export class Refusal extends Error {
  readonly outcome: ReserveOutcome;

  constructor(outcome: ReserveOutcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** Takes the order's key. The insert waits for another order under the same key, and then finds its row or is first itself. */
export const claimKey = async (query: Query, { key, orderId }: PlacedOrder): Promise<void> => {
  const { count } = await query({
    kind: 'insert',
    table: ORDERS.name,
    columns: { order_key: [key], order_id: [orderId] },
    onConflict: 'ignore',
  });
  if (count === 1) return;
  const { rows } = await query({
    kind: 'select',
    table: ORDERS.name,
    columns: ['order_id'],
    where: [['order_key', '=', key]],
  });
  const holder = rows[0]?.['order_id'];
  // No row: its order has freed the key between the two statements.
  throw new Refusal(
    holder === undefined ? { kind: 'conflict' } : { kind: 'duplicate', orderId: Math.abs(Number(holder)) },
  );
};

/** Whether this order held its units: only then they go back. */
export const releaseKey = async (
  query: Query,
  { key, orderId }: PlacedOrder,
  because: RestoreReason,
): Promise<boolean> => {
  const row = {
    table: ORDERS.name,
    where: [
      ['order_key', '=', key],
      ['order_id', '=', orderId],
    ],
  } as const;
  const { count } = await query(
    because === 'cancelled'
      ? { kind: 'update', ...row, set: { order_id: -orderId } }
      : { kind: 'delete', ...row },
  );
  return count === 1;
};

/** Adds to what the user has of the SKU, within the limit. */
export const countUnits = async (
  query: Query,
  user: number,
  { sku, units }: OrderLine,
  limitPerUser: number,
): Promise<void> => {
  if (units > limitPerUser) throw new Refusal({ kind: 'limit-reached', sku });
  const first = await query({
    kind: 'insert',
    table: TAKERS.name,
    columns: { user_id: [user], sku: [sku], units: [units] },
    onConflict: 'ignore',
  });
  if (first.count === 1) return;
  const { count } = await query({
    kind: 'update',
    table: TAKERS.name,
    set: { units: { add: units } },
    where: [
      ['user_id', '=', user],
      ['sku', '=', sku],
      ['units', '<=', limitPerUser - units],
    ],
  });
  if (count === 0) throw new Refusal({ kind: 'limit-reached', sku });
};

export const uncountUnits = async (query: Query, user: number, { sku, units }: OrderLine): Promise<void> => {
  await query({
    kind: 'update',
    table: TAKERS.name,
    set: { units: { add: -units } },
    where: [
      ['user_id', '=', user],
      ['sku', '=', sku],
    ],
  });
};

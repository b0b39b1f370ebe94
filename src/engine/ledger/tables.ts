import type { TableSpec } from '../../backends/ports.ts';

/** One row per order line and event. Wide columns first: PostgreSQL then pads nothing. */
export const LEDGER_ENTRIES: TableSpec = {
  name: 'ledger_entries',
  columns: {
    seq: 'bigserial',
    order_id: 'bigint',
    order_key: 'bigint',
    user_id: 'bigint',
    sku: 'integer',
    units: 'integer',
    /** Index into EVENT_KINDS. */
    kind: 'integer',
  },
  // No index on seq: each costs an insert a fifth of its time, and nobody reads in that order before the load is over.
  primaryKey: ['order_id', 'kind', 'sku'],
};

/** What customers browse; the cache loads from it. */
const PRODUCTS: TableSpec = {
  name: 'products',
  columns: { sku: 'integer', price_cents: 'integer', sold_out: 'integer', version: 'bigint' },
  primaryKey: ['sku'],
};

export const LEDGER_TABLES: readonly TableSpec[] = [LEDGER_ENTRIES, PRODUCTS];

import type { Postgres, Row } from '../../backends/ports.ts';
import { EVENT_KINDS, type OrderEvent } from '../types.ts';
import { LEDGER_ENTRIES } from './tables.ts';
import type { LedgerEntry, LedgerPort } from './port.ts';

/** Events as columns: one row per order line. */
const columnsOf = (events: readonly OrderEvent[]) => {
  const columns = {
    order_id: [] as number[],
    order_key: [] as number[],
    user_id: [] as number[],
    sku: [] as number[],
    units: [] as number[],
    kind: [] as number[],
  };
  for (const { kind, order } of events) {
    for (const { sku, units } of order.lines) {
      columns.order_id.push(order.orderId);
      columns.order_key.push(order.key);
      columns.user_id.push(order.user);
      columns.sku.push(sku);
      columns.units.push(units);
      columns.kind.push(EVENT_KINDS.indexOf(kind));
    }
  }
  return columns;
};

const entryOf = (row: Row): LedgerEntry => ({
  seq: row['seq'] as number,
  kind: EVENT_KINDS[row['kind'] as number]!,
  orderId: row['order_id'] as number,
  key: row['order_key'] as number,
  user: row['user_id'] as number,
  sku: row['sku'] as number,
  units: row['units'] as number,
});

/**
 * The ledger in PostgreSQL. Two appends of the same events at once may end as a deadlock, which the server finds:
 * the victim rejects without effect and is simply repeated.
 */
export const openLedger = (postgres: Postgres): LedgerPort => {
  let indexed = false;
  return {
    async append(events) {
      if (events.length === 0) return 0;
      const { count } = await postgres.query({
        kind: 'insert',
        table: LEDGER_ENTRIES.name,
        columns: columnsOf(events),
        onConflict: 'ignore',
      });
      return count;
    },

    async read(afterSeq, limit) {
      if (!indexed) await postgres.index(LEDGER_ENTRIES.name, ['seq']);
      indexed = true;
      const { rows } = await postgres.query({
        kind: 'select',
        table: LEDGER_ENTRIES.name,
        columns: ['seq', 'order_id', 'order_key', 'user_id', 'sku', 'units', 'kind'],
        where: [['seq', '>', afterSeq]],
        orderBy: ['seq'],
        limit,
      });
      return rows.map(entryOf);
    },
  };
};

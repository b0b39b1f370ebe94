import type { Row, SqlValue } from '../../ports.ts';
import type { StatementOf } from '../../statements.ts';
import type { StoredRow } from './row.ts';
import { scan } from './scan.ts';
import { lockRow, tableOf, type Execution, type Steps } from './steps.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import { compareValues } from './values.ts';
import { bindWhere, type Condition } from './where.ts';

/** Ascending, nulls last. */
const inOrder = (rows: StoredRow[], positions: readonly number[], transaction: Transaction): StoredRow[] => {
  const compare = (a: SqlValue, b: SqlValue): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return compareValues(a, b);
  };
  const versions = new Map(rows.map((row) => [row, row.seenBy(transaction)!]));
  return rows.toSorted((a, b) => {
    for (const position of positions) {
      const order = compare(versions.get(a)![position]!, versions.get(b)![position]!);
      if (order !== 0) return order;
    }
    return 0;
  });
};

/** Matching rows, as of now, in the order asked for. */
const selected = (
  { transaction, random }: Execution,
  table: Table,
  statement: StatementOf<'select'>,
  conditions: readonly Condition[],
): Iterable<StoredRow> => {
  const order = statement.orderBy?.map((column) => table.position(column));
  const found = scan(table, conditions, transaction, { ordered: order !== undefined, random });
  const sorted = order?.[0] === table.orderPosition && table.rows.ascending;
  if (order !== undefined && !sorted) return inOrder([...found], order, transaction);
  // Who waits for a lock lets others change rows: what matches is settled before.
  return statement.lock === 'update' ? [...found] : found;
};

export function* select(execution: Execution, statement: StatementOf<'select'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const conditions = bindWhere(table, statement.where);
  const project = table.projection(statement.columns);
  const limit = statement.limit ?? Number.POSITIVE_INFINITY;
  const rows: Row[] = [];
  for (const row of selected(execution, table, statement, conditions)) {
    if (rows.length >= limit) break;
    if (statement.lock === undefined) {
      rows.push(project(row.seenBy(transaction)!));
      continue;
    }
    if (statement.lock === 'update-skip-locked' && row.isHeldFrom(transaction)) continue;
    const values = yield* lockRow(row, conditions, transaction);
    if (values !== undefined) rows.push(project(values));
  }
  return { rows, count: rows.length };
}

export function* count(execution: Execution, { table, where }: StatementOf<'count'>): Steps {
  const found = yield* select(execution, { kind: 'select', table, columns: [], where });
  return { rows: [{ rows: found.count }], count: 1 };
}

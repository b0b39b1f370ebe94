import type { Random } from '../../../kernel/random.ts';
import type { StoredRow } from './row.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { UniqueIndex } from './unique-index.ts';
import { matches, type Condition } from './where.ts';

/** The values a key is compared with, when the conditions fix all of its columns. */
const fixedKey = (table: Table, index: UniqueIndex, conditions: readonly Condition[]) => {
  const key = table.blank();
  for (const condition of conditions) {
    if (condition.comparison === '=') key[condition.position] = condition.value;
  }
  return index.covers(key) ? key : undefined;
};

/** The rows of a one-column key that a list names. */
const listed = (table: Table, conditions: readonly Condition[]): StoredRow[] | undefined => {
  for (const condition of conditions) {
    if (condition.comparison !== 'in') continue;
    const index = table.indexes.find(
      ({ positions }) => positions.length === 1 && positions[0] === condition.position,
    );
    if (index === undefined) continue;
    const keys = [...condition.values].map((value) => {
      const key = table.blank();
      key[condition.position] = value;
      return key;
    });
    const rows = [...new Set(keys.flatMap((key) => index.find(key)))];
    return table.rows.ascending ? rows.toSorted((a, b) => a.order - b.order) : rows;
  }
  return undefined;
};

/** The part of an ascending list that can meet the conditions on its key. */
const bounds = (table: Table, conditions: readonly Condition[]): readonly [number, number] => {
  let [from, to] = [0, table.rows.length];
  for (const condition of conditions) {
    if (condition.position !== table.orderPosition || condition.comparison === 'in') continue;
    const { comparison, value } = condition;
    if (typeof value !== 'number') continue;
    if (comparison === '>') from = Math.max(from, table.rows.firstBeyond(value));
    if (comparison === '>=') from = Math.max(from, table.rows.firstFrom(value));
    if (comparison === '<') to = Math.min(to, table.rows.firstFrom(value));
    if (comparison === '<=') to = Math.min(to, table.rows.firstBeyond(value));
  }
  return [from, to];
};

function* candidates(
  table: Table,
  conditions: readonly Condition[],
  ordered: boolean,
  random: Random,
): Generator<StoredRow> {
  for (const index of table.indexes) {
    const key = fixedKey(table, index, conditions);
    if (key !== undefined) {
      yield* index.find(key);
      return;
    }
  }
  const named = listed(table, conditions);
  if (named !== undefined) {
    yield* named;
    return;
  }
  const { rows } = table;
  const [from, to] = rows.ascending ? bounds(table, conditions) : [0, rows.length];
  const count = Math.max(0, to - from);
  // Without an order asked for, a scan begins anywhere, as a synchronised scan of a large table does.
  const start = ordered || count === 0 ? 0 : random.integer(count);
  for (let step = 0; step < count; step += 1) yield rows.at(from + ((start + step) % count));
}

/**
 * The rows that match as `transaction` sees them, found by a key where the conditions allow it. Nothing may be
 * changed while they are taken one by one. `ordered`: in the order of the table's list.
 */
export function* scan(
  table: Table,
  conditions: readonly Condition[],
  transaction: Transaction,
  options: { readonly ordered: boolean; readonly random: Random },
): Generator<StoredRow> {
  for (const row of candidates(table, conditions, options.ordered, options.random)) {
    const seen = row.seenBy(transaction);
    if (seen !== undefined && matches(conditions, seen)) yield row;
  }
}

import type { ColumnType, Row, SqlValue, TableSpec } from '../../ports.ts';
import { checkedIdentifier } from '../../statements.ts';
import { DELETED, StoredRow, type RowHome } from './row.ts';
import { RowList } from './row-list.ts';
import type { Transaction } from './transaction.ts';
import { UniqueIndex } from './unique-index.ts';
import { sqlError, type Values } from './values.ts';

/** What stands in the way of a new version of a row. */
export type Obstacle =
  | { readonly kind: 'duplicate'; readonly index: UniqueIndex }
  /** Whether it is a duplicate is known when this transaction has ended. */
  | { readonly kind: 'undecided'; readonly writer: Transaction };

/** Rows and indexes of one table. It knows versions and keys; who waits for whom is decided by its callers. */
export class Table implements RowHome {
  readonly name: string;
  readonly types: readonly ColumnType[];
  readonly indexes: readonly UniqueIndex[];
  readonly rows: RowList;
  /** The column of a primary key that is a single number. */
  readonly orderPosition: number | undefined;
  readonly #positions: ReadonlyMap<string, number>;
  readonly #required: readonly number[];
  readonly #blank: Values;
  readonly #serials = new Map<number, number>();

  constructor(spec: TableSpec) {
    this.name = checkedIdentifier(spec.name);
    const names = Object.keys(spec.columns).map(checkedIdentifier);
    this.#positions = new Map(names.map((name, position) => [name, position]));
    this.types = Object.values(spec.columns);
    this.#blank = this.types.map(() => null);
    const primary = spec.primaryKey.map((name) => this.position(name));
    this.indexes = [
      new UniqueIndex(`${this.name}_pkey`, primary),
      ...(spec.unique ?? []).map(
        (names) =>
          new UniqueIndex(
            `${this.name}_${names.join('_')}_key`,
            names.map((name) => this.position(name)),
          ),
      ),
    ];
    for (const [position, type] of this.types.entries())
      if (type === 'bigserial') this.#serials.set(position, 0);
    this.#required = [...new Set([...primary, ...this.#serials.keys()])];
    const [only, ...others] = primary;
    this.orderPosition = others.length === 0 && this.types[only!] !== 'text' ? only : undefined;
    this.rows = new RowList(this.orderPosition !== undefined);
  }

  position(column: string): number {
    const position = this.#positions.get(column);
    if (position === undefined)
      throw sqlError('42703', `column "${column}" of "${this.name}" does not exist`);
    return position;
  }

  /** A row of nulls. */
  blank(): Values {
    return this.#blank.slice();
  }

  /** Serial columns among those that an insert leaves out. */
  serialsBeside(given: readonly number[]): readonly number[] {
    return [...this.#serials.keys()].filter((position) => !given.includes(position));
  }

  /** Spent whatever becomes of the row. */
  nextSerial(position: number): number {
    const next = this.#serials.get(position)! + 1;
    this.#serials.set(position, next);
    return next;
  }

  checkRequired(values: Values): void {
    for (const position of this.#required) {
      if (values[position] === null)
        throw sqlError('23502', `null value in a required column of "${this.name}"`);
    }
  }

  /** Looks whether `values` may be written by `transaction`, in place of `self` or as a new row. */
  obstacle(values: Values, transaction: Transaction, self?: StoredRow): Obstacle | undefined {
    for (const index of this.indexes) {
      if (index === this.indexes[0] && this.#isBeyondAll(values)) continue;
      for (const row of index.find(values)) {
        if (row === self) continue;
        const clashes =
          (row.committed !== undefined && index.sameKey(row.committed, values)) ||
          (row.pending !== undefined && index.sameKey(row.pending, values));
        if (!clashes) continue;
        if (row.pending !== undefined && row.holder !== transaction) {
          return { kind: 'undecided', writer: row.holder! };
        }
        const seen = row.seenBy(transaction);
        if (seen !== undefined && index.sameKey(seen, values)) return { kind: 'duplicate', index };
      }
    }
    return undefined;
  }

  /** A key that grows, as a serial does, meets no other. */
  #isBeyondAll(values: Values): boolean {
    return this.orderPosition !== undefined && this.rows.isBeyond(values[this.orderPosition] as number);
  }

  insert(values: Values, transaction: Transaction): void {
    const order = this.orderPosition === undefined ? Number.NaN : (values[this.orderPosition] as number);
    const row = new StoredRow(this, order);
    row.lock(transaction);
    row.pending = values;
    for (const index of this.indexes) index.add(values, row);
    this.rows.add(row);
  }

  /** Gives a row, whose lock the writer holds, its next version. */
  write(row: StoredRow, next: Values): void {
    const { committed, written } = row;
    const target = next === DELETED ? undefined : next;
    for (const index of this.indexes) {
      const same = (a: Values | undefined, b: Values | undefined): boolean =>
        a !== undefined && b !== undefined && index.sameKey(a, b);
      if (written && !same(written, committed) && !same(written, target)) index.remove(written, row);
      if (target && !same(target, committed) && !same(target, written)) index.add(target, row);
    }
    if (this.orderPosition !== undefined && target && target[this.orderPosition] !== row.order) {
      this.rows.disorder();
    }
    row.pending = next;
  }

  settle(row: StoredRow, commit: boolean): void {
    const { committed, pending, written } = row;
    row.holder = undefined;
    row.pending = undefined;
    if (pending === undefined) return;
    const kept = commit ? written : committed;
    const dropped = commit ? committed : written;
    row.committed = kept;
    if (dropped !== undefined) {
      for (const index of this.indexes) {
        if (kept === undefined || !index.sameKey(kept, dropped)) index.remove(dropped, row);
      }
    }
    if (kept === undefined) this.rows.noteGone();
  }

  /** Makes rows of these columns from values. */
  projection(columns: readonly string[]): (values: Values) => Row {
    const fields = columns.map((column) => [column, this.position(column)] as const);
    return (values) => {
      const row: Record<string, SqlValue> = {};
      for (const [column, position] of fields) row[column] = values[position]!;
      return row;
    };
  }
}

import type { StoredRow } from './row.ts';

const COMPACT_FROM = 64;

/**
 * A table's rows in the order of their insertion. While that is also the order of a numeric primary key, as with
 * a serial, ranges of the key are found by bisection and need no sorting.
 */
export class RowList {
  #rows: StoredRow[] = [];
  #gone = 0;
  #ascending = true;

  get length(): number {
    return this.#rows.length;
  }

  get ascending(): boolean {
    return this.#ascending;
  }

  at(index: number): StoredRow {
    return this.#rows[index]!;
  }

  add(row: StoredRow): void {
    if (!this.isBeyond(row.order)) this.#ascending = false;
    this.#rows.push(row);
  }

  /** The list ascends, and this key is beyond all of its own. */
  isBeyond(key: number): boolean {
    if (!this.#ascending || Number.isNaN(key)) return false;
    const last = this.#rows.at(-1);
    return last === undefined || key > last.order;
  }

  /** A key has changed in place. */
  disorder(): void {
    this.#ascending = false;
  }

  /** One of the rows is gone: it stays until gone rows are the most. */
  noteGone(): void {
    this.#gone += 1;
    if (this.#gone < COMPACT_FROM || this.#gone * 2 < this.#rows.length) return;
    this.#rows = this.#rows.filter((row) => !row.isGone);
    this.#gone = 0;
  }

  /** Of an ascending list: the index of the first row whose key is at least `key`. */
  lowerBound(key: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rows[middle]!.order < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

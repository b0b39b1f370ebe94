import type { StoredRow } from './row.ts';

const COMPACT_FROM = 64;

/**
 * A table's rows. With a primary key of one number, as a serial is, they are kept in its order: ranges of the key
 * are found by bisection and need no sorting. Otherwise, and once a key has changed in place, in that of insertion.
 */
export class RowList {
  #rows: StoredRow[] = [];
  #gone = 0;
  #ascending: boolean;

  constructor(hasNumericKey: boolean) {
    this.#ascending = hasNumericKey;
  }

  get length(): number {
    return this.#rows.length;
  }

  get ascending(): boolean {
    return this.#ascending;
  }

  at(index: number): StoredRow {
    return this.#rows[index]!;
  }

  /** Mostly at the end: keys grow, and only an insert that had to wait comes late. */
  add(row: StoredRow): void {
    if (!this.#ascending || this.isBeyond(row.order)) this.#rows.push(row);
    else this.#rows.splice(this.firstFrom(row.order), 0, row);
  }

  /** The list ascends, and this key is beyond all of its own. */
  isBeyond(key: number): boolean {
    const last = this.#rows.at(-1);
    return this.#ascending && (last === undefined || key > last.order);
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
  firstFrom(key: number): number {
    return this.#firstThat((order) => order >= key);
  }

  /** Of an ascending list: the index of the first row whose key is beyond `key`. */
  firstBeyond(key: number): number {
    return this.#firstThat((order) => order > key);
  }

  #firstThat(isFarEnough: (order: number) => boolean): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isFarEnough(this.#rows[middle]!.order)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

import type { SqlValue } from '../../ports.ts';
import type { StoredRow } from './row.ts';
import type { Values } from './values.ts';

/** MurmurHash3's word step (Appleby, public domain). */
const mix = (hash: number, word: number): number => {
  const h = Math.imul(hash ^ word, 0x85ebca6b);
  return h ^ (h >>> 13);
};

const hashValue = (hash: number, value: SqlValue): number => {
  if (typeof value === 'number') return mix(mix(hash, value | 0), (value / 0x1_0000_0000) | 0);
  let h = hash;
  if (value !== null) for (let i = 0; i < value.length; i += 1) h = mix(h, value.charCodeAt(i));
  return h;
};

/**
 * Finds rows by the columns of a key. It holds every version of a row that anybody may still see, so one key can
 * have several rows for a while; keys with a null are in no index. Kept by hash, to make no string per row.
 */
export class UniqueIndex {
  readonly constraint: string;
  readonly positions: readonly number[];
  readonly #rows = new Map<number, StoredRow | StoredRow[]>();

  constructor(constraint: string, positions: readonly number[]) {
    this.constraint = constraint;
    this.positions = positions;
  }

  /** Rows that may have this key in one of their versions: the caller compares. */
  find(values: Values): readonly StoredRow[] {
    if (!this.covers(values)) return [];
    const found = this.#rows.get(this.#hash(values));
    if (found === undefined) return [];
    return Array.isArray(found) ? [...new Set(found)] : [found];
  }

  add(values: Values, row: StoredRow): void {
    if (!this.covers(values)) return;
    const hash = this.#hash(values);
    const present = this.#rows.get(hash);
    if (present === undefined) this.#rows.set(hash, row);
    else if (Array.isArray(present)) present.push(row);
    else this.#rows.set(hash, [present, row]);
  }

  remove(values: Values, row: StoredRow): void {
    if (!this.covers(values)) return;
    const hash = this.#hash(values);
    const present = this.#rows.get(hash);
    if (!Array.isArray(present)) {
      this.#rows.delete(hash);
      return;
    }
    present.splice(present.indexOf(row), 1);
    if (present.length === 1) this.#rows.set(hash, present[0]!);
  }

  /** Both have the same key; a null equals nothing. */
  sameKey(a: Values, b: Values): boolean {
    for (const position of this.positions) {
      const value = a[position]!;
      if (value === null || value !== b[position]) return false;
    }
    return true;
  }

  covers(values: Values): boolean {
    for (const position of this.positions) if (values[position] === null) return false;
    return true;
  }

  /** Thirty bits, which a Map takes without a number object of their own. */
  #hash(values: Values): number {
    let hash = 0x1b873593;
    for (const position of this.positions) hash = hashValue(hash, values[position]!);
    return hash >>> 2;
  }
}

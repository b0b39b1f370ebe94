import { assert } from './assert.ts';

type ColumnKind = 'float64' | 'int32' | 'uint8';
export type Columns = Readonly<Record<string, ColumnKind>>;
type ColumnArray = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
export type RowOf<C extends Columns> = { [Name in keyof C]: number };

/** A `ColumnLog` on its way between threads: chunks of plain typed arrays, cheap to clone or to transfer. */
export interface ColumnLogData {
  readonly length: number;
  readonly chunks: readonly Readonly<Record<string, ColumnArray>>[];
}

const CHUNK_ROWS = 65_536;

const ARRAY_OF = { float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;

/**
 * A growing table of numbers, kept column by column in chunks of typed arrays: a million rows of six columns
 * take some 30 MB and no garbage. `maxRows` bounds it: a row beyond the bound is counted and dropped.
 */
export class ColumnLog<C extends Columns> {
  readonly #columns: C;
  readonly #maxRows: number;
  readonly #chunks: Record<string, ColumnArray>[] = [];
  #length = 0;
  #dropped = 0;

  constructor(columns: C, maxRows: number) {
    this.#columns = columns;
    this.#maxRows = maxRows;
  }

  get length(): number {
    return this.#length;
  }

  /** Rows that came when the log was full. */
  get dropped(): number {
    return this.#dropped;
  }

  push(row: RowOf<C>): void {
    if (this.#length >= this.#maxRows) {
      this.#dropped += 1;
      return;
    }
    const index = this.#length % CHUNK_ROWS;
    if (index === 0) this.#chunks.push(this.#newChunk());
    const chunk = this.#chunks.at(-1)!;
    for (const name in row) chunk[name]![index] = row[name];
    this.#length += 1;
  }

  get(index: number, name: keyof C & string): number {
    assert(index >= 0 && index < this.#length, 'a column log is read within its length');
    return this.#chunks[Math.floor(index / CHUNK_ROWS)]![name]![index % CHUNK_ROWS]!;
  }

  row(index: number): RowOf<C> {
    const row = {} as RowOf<C>;
    for (const name in this.#columns) row[name] = this.get(index, name);
    return row;
  }

  *rows(): Generator<RowOf<C>> {
    for (let index = 0; index < this.#length; index += 1) yield this.row(index);
  }

  data(): ColumnLogData {
    return { length: this.#length, chunks: this.#chunks };
  }

  /** Adds the rows of another thread's log with the same columns. */
  append(data: ColumnLogData): void {
    for (let index = 0; index < data.length; index += 1) {
      const chunk = data.chunks[Math.floor(index / CHUNK_ROWS)]!;
      const row = {} as RowOf<C>;
      for (const name in this.#columns) row[name] = chunk[name]![index % CHUNK_ROWS]!;
      this.push(row);
    }
  }

  #newChunk(): Record<string, ColumnArray> {
    return Object.fromEntries(
      Object.entries(this.#columns).map(([name, kind]) => [name, new ARRAY_OF[kind](CHUNK_ROWS)]),
    );
  }
}

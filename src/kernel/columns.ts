import { readSpilled, SpillFile } from './spill-file.ts';

type ColumnKind = 'float64' | 'int32' | 'uint8';
export type Columns = Readonly<Record<string, ColumnKind>>;
type ColumnArray = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
export type RowOf<C extends Columns> = { [Name in keyof C]: number };

/** Some rows of a table, column by column: the first `rows` values of each array. */
export interface Block<C extends Columns> {
  readonly rows: number;
  readonly columns: Readonly<Record<keyof C, ColumnArray>>;
}

/** A table of numbers that is read from its begin to its end. */
export interface ColumnTable<C extends Columns> {
  readonly length: number;
  /** Rows that came when the table was full. */
  readonly dropped: number;
  /** In order. A block may be written over when the next one is asked for. */
  blocks(): Iterable<Block<C>>;
}

/** A `ColumnLog` on its way between threads of a process. */
export interface ColumnLogData {
  readonly length: number;
  readonly dropped: number;
  /** The file that holds the first chunks. */
  readonly spilled: { readonly descriptor: number; readonly chunks: number } | undefined;
  /** The last chunk. */
  readonly rest: ArrayBuffer;
}

const CHUNK_ROWS = 16_384;

const ARRAY_OF = { float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;

const bytesOf = (kind: ColumnKind): number => ARRAY_OF[kind].BYTES_PER_ELEMENT;

const rowBytes = (columns: Columns): number =>
  Object.values(columns).reduce((sum, kind) => sum + bytesOf(kind), 0);

/** The columns of a chunk, one after another, the widest first, so that each is aligned. */
const columnsIn = <C extends Columns>(columns: C, chunk: ArrayBuffer): Record<keyof C, ColumnArray> => {
  const widestFirst = Object.entries(columns).toSorted(([, a], [, b]) => bytesOf(b) - bytesOf(a));
  let offset = 0;
  const arrays = widestFirst.map(([name, kind]) => {
    const array = new ARRAY_OF[kind](chunk, offset, CHUNK_ROWS);
    offset += array.byteLength;
    return [name, array];
  });
  return Object.fromEntries(arrays) as Record<keyof C, ColumnArray>;
};

/**
 * A growing table of numbers. One chunk of it is in memory, as typed arrays that make no garbage; the full ones are
 * in a file without a name. `maxRows` bounds it: a row beyond the bound, or beyond what the disk holds, is counted
 * and dropped.
 */
export class ColumnLog<C extends Columns> implements ColumnTable<C> {
  readonly #columns: C;
  readonly #chunk: ArrayBuffer;
  readonly #arrays: Record<keyof C, ColumnArray>;
  #file: SpillFile | undefined;
  #maxRows: number;
  #length = 0;
  #dropped = 0;

  constructor(columns: C, maxRows: number) {
    this.#columns = columns;
    this.#maxRows = maxRows;
    this.#chunk = new ArrayBuffer(CHUNK_ROWS * rowBytes(columns));
    this.#arrays = columnsIn(columns, this.#chunk);
  }

  get length(): number {
    return this.#length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(row: RowOf<C>): void {
    const index = this.#length % CHUNK_ROWS;
    if (this.#length >= this.#maxRows || (index === 0 && this.#length > 0 && !this.#spill())) {
      this.#dropped += 1;
      return;
    }
    for (const name in row) this.#arrays[name][index] = row[name];
    this.#length += 1;
  }

  blocks(): Iterable<Block<C>> {
    return joinLogs(this.#columns, [this.data()]).blocks();
  }

  data(): ColumnLogData {
    return {
      length: this.#length,
      dropped: this.#dropped,
      spilled: this.#file && {
        descriptor: this.#file.descriptor,
        chunks: Math.ceil(this.#length / CHUNK_ROWS) - 1,
      },
      rest: this.#chunk,
    };
  }

  /** Frees the file. The table is empty and takes no row any more. May be called again. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#length = 0;
    this.#maxRows = 0;
  }

  /** Writes the chunk, which is full, to the file. `false`: the disk took no more, and the table ends before it. */
  #spill(): boolean {
    try {
      this.#file ??= new SpillFile();
      const position = (this.#length / CHUNK_ROWS - 1) * this.#chunk.byteLength;
      this.#file.write(new Uint8Array(this.#chunk), position);
      return true;
    } catch {
      // The chunk stays where it is, whole.
      this.#maxRows = this.#length;
      return false;
    }
  }
}

/** The rows of several logs, one log after another. The logs must not be closed before it was read. */
export const joinLogs = <C extends Columns>(columns: C, logs: readonly ColumnLogData[]): ColumnTable<C> => ({
  length: logs.reduce((sum, { length }) => sum + length, 0),
  dropped: logs.reduce((sum, { dropped }) => sum + dropped, 0),
  *blocks() {
    const read = new ArrayBuffer(CHUNK_ROWS * rowBytes(columns));
    const readColumns = columnsIn(columns, read);
    for (const { length, spilled, rest } of logs) {
      const chunks = spilled?.chunks ?? 0;
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        readSpilled(spilled!.descriptor, new Uint8Array(read), chunk * read.byteLength);
        yield { rows: CHUNK_ROWS, columns: readColumns };
      }
      yield { rows: length - chunks * CHUNK_ROWS, columns: columnsIn(columns, rest) };
    }
  },
});

import { RowError } from './row-error.ts';

export interface CsvRecord {
  /** In the file, from 1: where the record begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

const QUOTE = 34;
const COMMA = 44;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = 0xfeff;

/** A quote that nobody closes would take the rest of the file for one cell. */
const MAX_RECORD_CHARACTERS = 1_000_000;

/**
 * Takes comma-separated values apart (RFC 4180) as the text comes in, in pieces of any size. Lines end in CR LF or
 * LF; a byte order mark and empty lines are passed over. Throws a `RowError` where the text is not of this form.
 */
export class CsvReader {
  #cells: string[] = [];
  #cell = '';
  /** `start`: nothing of the cell was read; `closed`: its closing quote was, or the first one of two. */
  #state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  #line = 1;
  #recordLine = 1;
  #isFirst = true;
  #unfinished = 0;

  /** The records that end within this piece of the text. */
  read(piece: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    let from = this.#isFirst && piece.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    if (piece !== '') this.#isFirst = false;
    for (let at = from; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at);
      if (this.#state === 'quoted') {
        if (code === LINE_FEED) this.#line += 1;
        if (code !== QUOTE) continue;
        this.#cell += piece.slice(from, at);
        this.#state = 'closed';
        from = at + 1;
      } else if (code === COMMA) {
        this.#endCell(piece.slice(from, at));
        from = at + 1;
      } else if (code === LINE_FEED) {
        this.#endRecord(piece.slice(from, at), records);
        from = at + 1;
      } else if (code === QUOTE && this.#state !== 'plain') {
        if (this.#state === 'closed') this.#cell += '"';
        this.#state = 'quoted';
        from = at + 1;
      } else if (this.#state === 'closed') {
        if (code !== CARRIAGE_RETURN)
          throw new RowError(this.#line, 'text after a closing quote (Double a quote within quotes.)');
        from = at + 1;
      } else {
        this.#state = 'plain';
      }
    }
    this.#cell += piece.slice(from);
    this.#unfinished = records.length > 0 ? 0 : this.#unfinished + piece.length;
    if (this.#unfinished > MAX_RECORD_CHARACTERS)
      throw new RowError(this.#recordLine, 'a record that does not end (Is a quote not closed?)');
    return records;
  }

  /** The last record, where the text does not end in a line break. */
  end(): CsvRecord[] {
    if (this.#state === 'quoted') throw new RowError(this.#recordLine, 'a quote is not closed');
    const records: CsvRecord[] = [];
    this.#endRecord('', records);
    return records;
  }

  #endCell(rest: string): void {
    this.#cells.push(this.#cell + rest);
    this.#cell = '';
    this.#state = 'start';
  }

  #endRecord(rest: string, records: CsvRecord[]): void {
    const wasPlain = this.#state === 'plain';
    const isEmpty = this.#state === 'start' && this.#cells.length === 0;
    this.#endCell(rest);
    const last = this.#cells.at(-1)!;
    if (wasPlain && last.endsWith('\r')) this.#cells.splice(-1, 1, last.slice(0, -1));
    const isBlank = isEmpty || (wasPlain && this.#cells.length === 1 && last === '\r');
    if (!isBlank) records.push({ line: this.#recordLine, cells: this.#cells });
    this.#cells = [];
    this.#line += 1;
    this.#recordLine = this.#line;
  }
}

import { createReadStream } from 'node:fs';
import { messageOf } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import type { FeederSource } from './config.ts';
import { CsvReader, type CsvRecord } from './csv.ts';
import { RowError } from './row-error.ts';

/** The cells of the wanted columns, in their order. */
export interface Row {
  /** In the file, or among the inline rows; from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

const unknownColumn = (line: number, column: string, known: readonly string[]): RowError =>
  new RowError(line, `there is no column "${column}" (${didYouMean(column, known)})`);

/**
 * Reads the wanted columns of a feeder's rows, as many at once as a piece of the file has: the file is never in
 * memory as a whole. Throws a `RowError` at the first line that cannot be read.
 */
export const readRows = (source: FeederSource, columns: readonly string[]): AsyncGenerator<Row[]> => {
  switch (source.kind) {
    case 'csv':
      return csvRows(source.path, columns);
    case 'jsonl':
      return jsonRows(source.path, columns);
    case 'rows':
      return inlineRows(source.rows, columns);
  }
};

async function* csvRows(path: string, columns: readonly string[]): AsyncGenerator<Row[]> {
  const reader = new CsvReader();
  let rowOf: ((record: CsvRecord) => Row) | undefined;
  const take = (records: CsvRecord[]): Row[] => {
    const header = rowOf === undefined ? records.shift() : undefined;
    if (header !== undefined) rowOf = columnPicker(header, columns);
    return rowOf === undefined ? [] : records.map(rowOf);
  };
  for await (const piece of createReadStream(path, 'utf8')) yield take(reader.read(piece as string));
  yield take(reader.end());
}

const columnPicker = ({ line, cells }: CsvRecord, columns: readonly string[]) => {
  const names = cells.map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RowError(line, `the column "${twice}" is there twice`);
  const places = columns.map((column) => {
    const place = names.indexOf(column);
    if (place < 0) throw unknownColumn(line, column, names);
    return place;
  });
  return (record: CsvRecord): Row => {
    const { length } = record.cells;
    if (length !== names.length)
      throw new RowError(record.line, `has ${length} cells, the first line has ${names.length}`);
    return { line: record.line, cells: places.map((place) => record.cells[place]!.trim()) };
  };
};

const MAX_LINE_CHARACTERS = 1_000_000;

async function* jsonRows(path: string, columns: readonly string[]): AsyncGenerator<Row[]> {
  let rest = '';
  let line = 0;
  const take = (text: string): Row[] => {
    line += 1;
    const clean = (line === 1 ? text.replace(/^\uFEFF/, '') : text).trim();
    return clean === '' ? [] : [{ line, cells: cellsOf(line, parseLine(line, clean), columns) }];
  };
  for await (const piece of createReadStream(path, 'utf8')) {
    const lines = (rest + (piece as string)).split('\n');
    rest = lines.pop()!;
    if (rest.length > MAX_LINE_CHARACTERS) throw new RowError(line + 1, 'a line that does not end');
    yield lines.flatMap(take);
  }
  yield take(rest);
}

const parseLine = (line: number, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RowError(line, `this is not JSON: ${messageOf(error)}`);
  }
};

const cellsOf = (line: number, row: unknown, columns: readonly string[]): string[] => {
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new RowError(line, 'this is not a JSON object (Write {"user": 1} on a line.)');
  const fields = row as Readonly<Record<string, unknown>>;
  return columns.map((column) => {
    if (!Object.hasOwn(fields, column)) throw unknownColumn(line, column, Object.keys(fields));
    const value = fields[column];
    return typeof value === 'string' ? value.trim() : JSON.stringify(value);
  });
};

async function* inlineRows(rows: readonly object[], columns: readonly string[]): AsyncGenerator<Row[]> {
  yield rows.map((row, index) => ({ line: index + 1, cells: cellsOf(index + 1, row, columns) }));
}

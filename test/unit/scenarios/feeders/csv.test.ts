import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader } from '../../../../src/scenarios/feeders/csv.ts';

const read = (...pieces: string[]) => {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()];
};

const cellsOf = (...pieces: string[]) => read(...pieces).map(({ cells }) => cells);

/** Cuts a text at some places. */
const cut = (text: string, places: readonly number[]): string[] => {
  const sorted = [0, ...places.map((place) => place % (text.length + 1)), text.length].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
};

const isPlain = (cell: string) => !/[",\r\n\uFEFF]/.test(cell);

/** A cell and how it is written. */
const cell = fc
  .record({
    text: fc.string({
      unit: fc.constantFrom('a', 'é', '🦀', ' ', ',', '"', '\n', '\r\n', '\r', '1', '\uFEFF'),
      maxLength: 6,
    }),
    quoted: fc.boolean(),
  })
  .map(({ text, quoted }) => ({
    text,
    written: quoted || !isPlain(text) ? `"${text.replaceAll('"', '""')}"` : text,
  }));

describe('comma-separated values', () => {
  it('are read as they were written, in pieces of any size', () => {
    const table = fc.integer({ min: 2, max: 4 }).chain((columns) =>
      fc.array(
        fc.record({
          cells: fc.array(cell, { minLength: columns, maxLength: columns }),
          end: fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\r\n'),
        }),
      ),
    );
    fc.assert(
      fc.property(
        table,
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 9 }),
        (rows, hasMark, endsOpen, places) => {
          const lines = rows.map(({ cells, end }) => cells.map(({ written }) => written).join(',') + end);
          const text = lines.join('');
          const whole = (hasMark ? '\uFEFF' : '') + (endsOpen ? text.replace(/(\r?\n)+$/, '') : text);
          expect(cellsOf(...cut(whole, places))).toEqual(
            rows.map(({ cells }) => cells.map(({ text }) => text)),
          );
        },
      ),
    );
  });

  it('of one column have no empty rows, unless they are quoted', () => {
    expect(cellsOf('id\n\r\n\n1\r\n""\n2')).toEqual([['id'], ['1'], [''], ['2']]);
  });

  it('know the line on which a record begins', () => {
    const lines = read('a,b\r\n\r\n1,"x\ny"\n3,4').map(({ line }) => line);
    expect(lines).toEqual([1, 3, 5]);
  });

  it('keep a quote that is not at the begin of a cell, and a lone carriage return', () => {
    expect(cellsOf('5" disk,a\rb\n')).toEqual([['5" disk', 'a\rb']]);
  });

  it.each([
    ['a,b\n1,"2', 2, 'a quote is not closed'],
    ['a\n1\n"2"3\n', 3, 'text after a closing quote'],
    ['a\n"1"\r2\n', 2, 'text after a closing quote'],
    [`a\n"${'x\n'.repeat(900_000)}`, 2, 'a record that does not end'],
  ])('%# are refused with the line', (text, line, what) => {
    expect(() => read(...cut(text, [400_000, 800_000]))).toThrow(
      expect.objectContaining({ line, message: expect.stringContaining(what) as string }),
    );
  });

  it('hold nothing more than the record under way', () => {
    const reader = new CsvReader();
    let records = 0;
    for (let piece = 0; piece < 100; piece += 1) records += reader.read('1,2\n'.repeat(1_000) + '3,').length;
    expect(records).toBe(100_000);
  });
});

import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ColumnLog, joinLogs } from '../../../src/kernel/columns.ts';
import { tableRows } from '../../support/table-rows.ts';

const COLUMNS = { kind: 'uint8', key: 'float64', units: 'int32' } as const;
const CHUNK_ROWS = 16_384;

const row = fc.record({
  kind: fc.nat(255),
  key: fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true })),
  units: fc.integer(),
});

const rowAt = (i: number) => ({ kind: i % 256, key: i * 1.5, units: i === 0 ? 0 : -i });

const filled = (count: number, first = 0) => {
  const log = new ColumnLog(COLUMNS, count);
  for (let i = first; i < first + count; i += 1) log.push(rowAt(i));
  return log;
};

const rowsUpTo = (count: number) => Array.from({ length: count }, (_, i) => rowAt(i));

describe('ColumnLog', () => {
  it('gives back its rows as an array would', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), (rows) => {
        const log = new ColumnLog(COLUMNS, 1_000);
        for (const each of rows) log.push(each);
        expect(tableRows(log)).toEqual(rows);
        expect([log.length, log.dropped]).toEqual([rows.length, 0]);
      }),
    );
  });

  it.each([CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 3 * CHUNK_ROWS, 3 * CHUNK_ROWS + 5])(
    'keeps %i rows, whatever of them is in memory',
    (count) => {
      const log = filled(count);
      expect(tableRows(log)).toEqual(rowsUpTo(count));
      log.push(rowAt(count));
      expect([log.length, log.dropped]).toEqual([count, 1]);
      log.close();
    },
  );

  it('goes on after it was read', () => {
    const log = new ColumnLog(COLUMNS, 100_000);
    for (let i = 0; i < 50_000; i += 1) {
      log.push(rowAt(i));
      if (i % 20_000 === 0) expect(tableRows(log)).toHaveLength(i + 1);
    }
    expect(tableRows(log)).toEqual(rowsUpTo(50_000));
    log.close();
  });

  it('counts and drops what is beyond its bound', () => {
    const log = new ColumnLog(COLUMNS, 3);
    for (let i = 0; i < 5; i += 1) log.push(rowAt(i));
    expect([log.length, log.dropped]).toEqual([3, 2]);
    expect(tableRows(log)).toEqual(rowsUpTo(3));
  });

  it('joins the logs of several threads in order', () => {
    const sizes = [0, 3, 40_000, CHUNK_ROWS, 7];
    let first = 0;
    const logs = sizes.map((size) => {
      first += size;
      return filled(size, first - size);
    });
    logs[1]!.push(rowAt(0));
    const joined = joinLogs(
      COLUMNS,
      logs.map((log) => structuredClone(log.data())),
    );
    expect([joined.length, joined.dropped]).toEqual([first, 1]);
    expect(tableRows(joined)).toEqual(rowsUpTo(first));
    for (const log of logs) log.close();
  });
});

describe('the file behind a log', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'columns-'));
    vi.stubEnv('TMPDIR', folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('has no name, so that nothing of it can be left', () => {
    const log = filled(2 * CHUNK_ROWS);
    expect(log.data().spilled).toMatchObject({ chunks: 1 });
    expect(readdirSync(folder)).toEqual([]);
    const data = log.data();
    log.close();
    log.close();
    log.push(rowAt(0));
    expect(tableRows(log)).toEqual([]);
    expect(() => tableRows(joinLogs(COLUMNS, [data]))).toThrow();
  });

  it('is not needed for what one chunk holds', () => {
    vi.stubEnv('TMPDIR', join(folder, 'missing'));
    expect(tableRows(filled(CHUNK_ROWS))).toHaveLength(CHUNK_ROWS);
  });

  it('that cannot be written ends the table, and is no failure of the load', () => {
    vi.stubEnv('TMPDIR', join(folder, 'missing'));
    const log = new ColumnLog(COLUMNS, 1_000_000);
    for (let i = 0; i < CHUNK_ROWS + 10; i += 1) log.push(rowAt(i));
    expect([log.length, log.dropped]).toEqual([CHUNK_ROWS, 10]);
    expect(tableRows(log)).toEqual(rowsUpTo(CHUNK_ROWS));
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnLog } from '../../../src/kernel/columns.ts';

const COLUMNS = { key: 'float64', units: 'int32', kind: 'uint8' } as const;

const row = fc.record({
  key: fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true })),
  units: fc.integer(),
  kind: fc.nat(255),
});

const newLog = (maxRows = 1_000) => new ColumnLog(COLUMNS, maxRows);

const filled = (count: number, offset = 0) => {
  const log = newLog(count);
  for (let i = offset; i < offset + count; i += 1) log.push({ key: i * 1.5, units: -i, kind: i % 256 });
  return log;
};

describe('ColumnLog', () => {
  it('gives back its rows as an array would', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), (rows) => {
        const log = newLog();
        for (const each of rows) log.push(each);
        expect([...log.rows()]).toEqual(rows);
        expect(rows.map((_, index) => log.row(index))).toEqual(rows);
        expect(rows.map((_, index) => log.get(index, 'units'))).toEqual(rows.map(({ units }) => units));
        expect([log.length, log.dropped]).toEqual([rows.length, 0]);
      }),
    );
  });

  it('joins the logs of several threads in order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 5 }), (parts) => {
        const whole = newLog();
        for (const part of parts) {
          const log = newLog();
          for (const each of part) log.push(each);
          whole.append(structuredClone(log.data()));
        }
        expect([...whole.rows()]).toEqual(parts.flat());
      }),
    );
  });

  it('keeps and joins more than a chunk holds, however the chunks meet', () => {
    const [one, other] = [filled(70_000), filled(140_000, 70_000)];
    const whole = newLog(300_000);
    whole.append(one.data());
    whole.append(other.data());
    expect(whole.length).toBe(210_000);
    for (const index of [0, 65_535, 65_536, 69_999, 70_000, 131_071, 131_072, 209_999])
      expect(whole.row(index)).toEqual({
        key: index * 1.5,
        units: index === 0 ? 0 : -index,
        kind: index % 256,
      });
  });

  it('counts and drops what is beyond its bound, also when it is joined', () => {
    const log = newLog(3);
    log.append(filled(2).data());
    log.append(filled(2).data());
    log.push({ key: 9, units: 9, kind: 9 });
    expect([log.length, log.dropped]).toEqual([3, 2]);
    expect(Array.from(log.rows(), ({ key }) => key)).toEqual([0, 1.5, 0]);
  });

  it('is not read outside its length', () => {
    const log = filled(2);
    for (const index of [-1, 2]) expect(() => log.get(index, 'key')).toThrow('within its length');
  });
});

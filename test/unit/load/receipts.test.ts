import { describe, expect, it } from 'vitest';
import { newReceiptLog, RECEIPT_KINDS } from '../../../src/load/receipts.ts';
import { tableRows } from '../../support/table-rows.ts';

describe('the receipt log', () => {
  it('holds every kind, the largest keys and customers, and what an order can ask for', () => {
    const log = newReceiptLog();
    const rows = RECEIPT_KINDS.map((_, kind) => ({
      kind,
      key: Number.MAX_SAFE_INTEGER,
      orderId: Number.MAX_SAFE_INTEGER - 1,
      user: 2 ** 40,
      sku: 2 ** 31 - 1,
      units: 2 ** 31 - 1,
    }));
    for (const row of rows) log.push(row);
    expect(tableRows(log)).toEqual(rows);
  });

  it('is bounded, and counts what it cannot hold', () => {
    const log = newReceiptLog(2);
    for (let i = 0; i < 5; i += 1) log.push({ kind: 0, key: i, orderId: i, user: i, sku: 0, units: 1 });
    expect([log.length, log.dropped]).toEqual([2, 3]);
  });
});

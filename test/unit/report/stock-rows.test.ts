import { expect, it } from 'vitest';
import type { StockAccount } from '../../../src/audit/stock-accounts.ts';
import { stockRows } from '../../../src/report/stock-rows.ts';

const account = (sku: number, changes: Partial<StockAccount> = {}): StockAccount => ({
  sku,
  initial: 100,
  available: 100,
  reserved: 0,
  sold: 0,
  oversold: 0,
  ...changes,
});

it('puts oversold SKUs first, then those with the most units taken, and keeps the order of equals', () => {
  const { stock } = stockRows([
    account(0),
    account(1, { reserved: 40, sold: 20 }),
    account(2),
    account(3, { sold: 70 }),
    account(4, { reserved: 1, oversold: 1 }),
    account(5, { reserved: 1, oversold: 3 }),
  ]);
  expect(stock.map(({ sku }) => sku)).toEqual([5, 4, 3, 1, 0, 2]);
});

it('lists fifty SKUs and sums over all of them', () => {
  const { stock, stockTotal } = stockRows(
    Array.from({ length: 120 }, (_, sku) => account(sku, { available: 97, reserved: 2, sold: 1 })),
  );
  expect(stock).toHaveLength(50);
  expect(stockTotal).toEqual({
    skus: 120,
    initial: 12_000,
    available: 120 * 97,
    reserved: 240,
    sold: 120,
    oversold: 0,
  });
});

it('has no total of what is not known of every SKU', () => {
  const unread = { available: null, reserved: null, sold: null, oversold: null };
  const { stockTotal } = stockRows([account(0, { sold: 5 }), account(1, unread)]);
  expect(stockTotal).toEqual({ skus: 2, initial: 200, ...unread });
  expect(stockRows([]).stockTotal).toMatchObject({ skus: 0, initial: 0, oversold: 0 });
});

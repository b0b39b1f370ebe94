import type { StockAccount } from '../audit/stock-accounts.ts';
import { MAX_STOCK_ROWS, type Result } from './model.ts';

const takenOf = ({ reserved, sold }: StockAccount): number => (reserved ?? 0) + (sold ?? 0);

/** null when any part is: a sum over some of the SKUs would pass for one over all. */
export const sumOrNull = (parts: readonly (number | null)[]): number | null =>
  parts.reduce<number | null>((total, part) => (total === null || part === null ? null : total + part), 0);

/** The accounts as a result holds them: the most telling ones, and the total over all. */
export const stockRows = (accounts: readonly StockAccount[]): Pick<Result, 'stock' | 'stockTotal'> => {
  const total = (name: 'available' | 'reserved' | 'sold' | 'oversold') =>
    sumOrNull(accounts.map((account) => account[name]));
  return {
    stock: accounts
      .toSorted((a, b) => (b.oversold ?? 0) - (a.oversold ?? 0) || takenOf(b) - takenOf(a))
      .slice(0, MAX_STOCK_ROWS),
    stockTotal: {
      skus: accounts.length,
      initial: accounts.reduce((units, { initial }) => units + initial, 0),
      available: total('available'),
      reserved: total('reserved'),
      sold: total('sold'),
      oversold: total('oversold'),
    },
  };
};

import { formatNumberOf, formatUnits } from '../figures.ts';
import { type Column, heading, type Page, table } from '../layout.ts';
import type { Result } from '../model.ts';

const MAX_ROWS = 5;

const COLUMNS: readonly Column[] = [
  { head: '', align: 'left' },
  ...['initial', 'available', 'reserved', 'sold', 'oversold'].map((head): Column => ({
    head,
    align: 'right',
  })),
];

type Account = Omit<Result['stockTotal'], 'skus'>;

/** The oversell check in one line: the audit's word, not a sum of our own. */
const gist = ({ audit, stockTotal }: Result, page: Page): string => {
  const { initial, reserved, sold, oversold } = stockTotal;
  const taken =
    reserved === null || sold === null
      ? ''
      : `: ${formatUnits(reserved + sold)} of ${formatUnits(initial)} units taken`;
  const verdict = audit.find(({ invariant }) => invariant === 'no-oversell')?.verdict;
  if (verdict === 'held') return page.paint('good', '✔ nothing oversold') + taken;
  if (verdict === 'violated') {
    return page.paint('bad', `✘ oversold${oversold ? ` by ${formatUnits(oversold)}` : ''}`) + taken;
  }
  return page.paint('doubtful', '? whether anything was oversold could not be judged') + taken;
};

const row = (label: string, account: Account, page: Page): string[] => {
  const oversold = formatUnits(account.oversold);
  return [
    label,
    formatUnits(account.initial),
    formatUnits(account.available),
    formatUnits(account.reserved),
    formatUnits(account.sold),
    (account.oversold ?? 0) > 0 ? page.paint('bad', oversold) : oversold,
  ];
};

/** Where the units are: the first SKUs of the result, and all together. */
export const stockSection = (result: Result, page: Page): string[] => {
  const { stock, stockTotal } = result;
  const rows = stock.slice(0, MAX_ROWS).map((account) => row(`sku-${account.sku}`, account, page));
  return [
    heading(page, 'Stock', gist(result, page)),
    ...table(page, COLUMNS, [
      ...rows,
      ...(stockTotal.skus > 1
        ? [row(`all ${formatNumberOf(stockTotal.skus, 'SKU')}`, stockTotal, page)]
        : []),
    ]),
  ];
};

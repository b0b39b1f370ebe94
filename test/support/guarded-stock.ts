export { GuardedStock } from '../../src/contract/stock/guarded-stock.ts';

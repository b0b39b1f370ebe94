export { linesOf, placedOrder } from '../../src/contract/orders.ts';

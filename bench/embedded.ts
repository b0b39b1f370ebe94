import { runFlashSale } from './kit/flash-sale.ts';
import { median, printBar } from './kit/rounds.ts';

/** Orders per second of one engine node on the embedded models: 500 virtual users, lua and confirm. */
const ROUNDS = 3;
const SALE = { nodes: 1, vus: 500, warmupMs: 1_500, durationMs: 4_000, lock: 'none', stock: 'lua' };
const BAR_PER_SECOND = 25_000;

const rates: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const { orders, latency } = await runFlashSale(SALE, undefined);
  rates.push(orders.acceptedPerSecond);
  const p99 = latency['order.latency'].p99;
  console.log(`${Math.round(orders.acceptedPerSecond).toLocaleString('en-US')} orders/s, p99 ${p99} µs`);
}
printBar('embedded orders/s on one node', median(rates), '>=', BAR_PER_SECOND);

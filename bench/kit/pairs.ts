import { runReference } from '../reference.ts';
import { runFlashSale, type FlashSale } from './flash-sale.ts';
import type { Figures, Side } from './rounds.ts';
import type { Urls } from './services.ts';

/** The reference loop and trade-sim, at the same sale. */
export const besideReference = (
  urls: Urls,
  sale: FlashSale,
  /** More of trade-sim's figures. */
  also: (result: Awaited<ReturnType<typeof runFlashSale>>) => Figures = () => ({}),
): readonly [reference: Side, tradeSim: Side] => [
  {
    name: 'reference',
    async run() {
      const { nodes: workers, vus, warmupMs, durationMs, lock } = sale;
      const figures = await runReference({
        urls,
        workers,
        tasksPerWorker: vus / workers,
        warmupMs,
        durationMs,
        locked: lock !== 'none',
      });
      return { 'orders/s': figures.ordersPerSecond, 'p50 µs': figures.p50Us, 'p99 µs': figures.p99Us };
    },
  },
  {
    name: 'trade-sim',
    async run() {
      const result = await runFlashSale(sale, urls);
      const { p50, p99 } = result.latency['order.latency'];
      return { 'orders/s': result.orders.acceptedPerSecond, 'p50 µs': p50, 'p99 µs': p99, ...also(result) };
    },
  },
];

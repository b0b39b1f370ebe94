import { besideReference } from './kit/pairs.ts';
import { printBar, printSides, runSides } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** The flash sale with stock `lua` and queue `confirm` on real services, beside the reference loop. */
const ROUNDS = 4;
const NODES = 2;
const VUS = [1_000, 200];
const TIMES = { warmupMs: 1_000, durationMs: 3_000 };
const RATE_BAR = 0.85;
const P99_BAR = 1.25;

await withServices(async (urls) => {
  for (const vus of VUS) {
    const sale = { nodes: NODES, vus, ...TIMES, lock: 'none', stock: 'lua' };
    const sides = besideReference(urls, sale);
    const medians = await runSides(sides, ROUNDS);
    const size = `${NODES} nodes x ${vus / NODES} virtual users`;
    printSides(`lua + confirm, ${size}`, sides, medians);
    const ratio = (key: string) => medians[1]![key]! / medians[0]![key]!;
    printBar(`orders/s of the reference's, ${size}`, ratio('orders/s'), '>=', RATE_BAR);
    printBar(`p99 of the reference's, ${size}`, ratio('p99 µs'), '<=', P99_BAR);
  }
});

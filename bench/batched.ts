import { besideReference } from './kit/pairs.ts';
import { printBar, printSides, runSides } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** Beyond the limit of an order by itself: `combining`, and many events in a message, beside the reference loop. */
const ROUNDS = 4;
const NODES = 2;
const VUS = 1_000;
const RATE_BAR = 1.5;
const P99_BAR = 1;

await withServices(async (urls) => {
  const sides = besideReference(urls, {
    nodes: NODES,
    vus: VUS,
    warmupMs: 1_000,
    durationMs: 3_000,
    lock: 'none',
    stock: 'combining',
    eventsPerMessage: 100,
  });
  const medians = await runSides(sides, ROUNDS);
  printSides(
    `combining + confirm with 100 events a message, ${NODES} nodes x ${VUS / NODES}`,
    sides,
    medians,
  );
  const ratio = (key: string) => medians[1]![key]! / medians[0]![key]!;
  printBar("orders/s of the reference's", ratio('orders/s'), '>=', RATE_BAR);
  printBar("p99 of the reference's", ratio('p99 µs'), '<=', P99_BAR);
});

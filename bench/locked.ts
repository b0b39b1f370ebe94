import { besideReference } from './kit/pairs.ts';
import { median, printBar, printSides, runSides } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** One hot SKU behind a lock: `token` and `read-modify-write`, beside the locked form of the reference loop. */
const ROUNDS = 4;
const SALE = {
  nodes: 2,
  vus: 200,
  warmupMs: 1_000,
  durationMs: 4_000,
  lock: 'token',
  stock: 'read-modify-write',
};
const BOUND_BAR = 0.8;

await withServices(async (urls) => {
  const shares: number[] = [];
  const sides = besideReference(urls, SALE, ({ lock }) => {
    shares.push(lock.serialBound?.reachedRatio ?? 0);
    return { 'bound/s': lock.serialBound?.ordersPerSecond ?? 0 };
  });
  const medians = await runSides(sides, ROUNDS);
  printSides('token + read-modify-write, one SKU, 2 nodes x 100 virtual users', sides, medians);
  printBar('share of the serial bound', median(shares), '>=', BOUND_BAR);
});

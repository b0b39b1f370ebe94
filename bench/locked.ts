import { besideReference } from './kit/pairs.ts';
import { printBar, printSides, runSides, type Side } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/**
 * One hot SKU behind each of the locks, with `read-modify-write`: what share they reach of their serial bound, which
 * each run measures before its load as one uncontended cycle. Beside the locked form of the reference loop.
 */
const ROUNDS = 5;
const SALE = { nodes: 2, vus: 200, warmupMs: 1_000, durationMs: 3_000, stock: 'read-modify-write' };
const LOCKS = ['setnx', 'token', 'watchdog', 'fenced', 'fifo', 'redlock', 'pg-advisory', 'queue-serial'];
const MASTERS = 5;
const BAR = 0.85;

await withServices(async (urls) => {
  const pairs = LOCKS.map((lock) =>
    besideReference(urls, { ...SALE, lock }, (result) => ({
      'of the serial bound': result.lock.serialBound?.reachedRatio ?? 0,
      'bound/s': result.lock.serialBound?.ordersPerSecond ?? 0,
    })),
  );
  const sides: Side[] = [pairs[0]![0], ...pairs.map(([, ours], index) => ({ ...ours, name: LOCKS[index]! }))];
  const medians = await runSides(sides, ROUNDS);
  printSides('one SKU, 2 nodes x 100 virtual users', sides, medians);
  for (const [index, lock] of LOCKS.entries())
    printBar(`${lock}: of its serial bound`, medians[index + 1]!['of the serial bound']!, '>=', BAR);
}, MASTERS);

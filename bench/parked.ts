import { setTimeout as delay } from 'node:timers/promises';
import { sleep } from '../src/kernel/clock.ts';
import { newRecorder } from '../src/load/node.ts';
import { iterateAll, usersWith } from './kit/empty-shop.ts';
import { collectGarbage, MEGABYTE } from './kit/heap.ts';
import { printBar } from './kit/rounds.ts';

/** A million virtual users who sleep at the same time, each in an iteration of its own, with session and timer. */
const VUS = 1_000_000;
const LONG_MS = 600_000;
const BAR_GB = 2.5;
const LOOK_MS = 100;

const recorder = newRecorder();
const awake = new AbortController();
const users = usersWith(
  VUS,
  async ({ clock, signal }) => void (await sleep(clock, LONG_MS, signal)),
  awake.signal,
  recorder,
);

collectGarbage();
const before = process.memoryUsage();
const startedMs = performance.now();
const all = iterateAll(users, VUS, VUS);
while (users.running < VUS) await delay(LOOK_MS);
const seconds = (performance.now() - startedMs) / 1_000;
const peak = process.memoryUsage().rss;
collectGarbage();
const parked = process.memoryUsage();
console.log(
  `${users.running} parked after ${seconds.toFixed(1)} s; resident ${Math.round(peak / MEGABYTE)} MB`,
);
printBar('GB that the process takes with all of them', Math.max(peak, parked.rss) / 2 ** 30, '<=', BAR_GB);
console.log(`       bytes of heap for each: ${Math.round((parked.heapUsed - before.heapUsed) / VUS)}`);
awake.abort();
await all;
if (users.running > 0) throw new Error(`${users.running} virtual users did not wake up`);
recorder.destroy();

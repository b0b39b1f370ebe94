import { appendFileSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
import { collectGarbage } from './heap.ts';

/** Loaded into every thread of a run by `--import`: writes what the thread holds into a file every few seconds. */
export interface Sample {
  /** `main`, or the number of a worker. */
  readonly thread: string;
  /** Since the epoch. */
  readonly atMs: number;
  /** Of the whole process. */
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Typed arrays and buffers, which are outside the heap. */
  readonly bufferBytes: number;
}

/** Not often: a full collection, without which a heap says little, stops the thread for a moment. */
const LOOK_MS = 5_000;

const file = process.env['SOAK_SAMPLES']!;

setInterval(() => {
  collectGarbage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const sample: Sample = {
    thread: isMainThread ? 'main' : `worker ${threadId}`,
    atMs: Date.now(),
    rssBytes: rss,
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
  };
  appendFileSync(file, `${JSON.stringify(sample)}\n`);
}, LOOK_MS).unref();

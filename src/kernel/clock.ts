import { assert } from './assert.ts';

/** Time as the engine, the scenarios and the simulated services see it. All values are milliseconds. */
export interface Clock {
  /** Monotonic, with sub-millisecond digits. Only differences mean anything. */
  now(): number;
  /** Since the Unix epoch, with sub-millisecond digits; comparable between threads. */
  epoch(): number;
  /** Calls back once, `delayMs` from now (0: in a later turn of the loop), unless cancelled before. */
  schedule(delayMs: number, callback: () => void): Cancel;
}

export type Cancel = () => void;

const { timeOrigin } = performance;

/** Node's timers hold 31 bits, some 24 days; what is longer would come at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The wall clock. */
export const wallClock: Clock = {
  now: () => performance.now(),
  epoch: () => timeOrigin + performance.now(),
  schedule(delayMs, callback) {
    if (delayMs <= 0) {
      const handle = setImmediate(callback);
      return () => clearImmediate(handle);
    }
    assert(delayMs <= LONGEST_DELAY_MS, 'a delay fits a timer');
    const handle = setTimeout(callback, delayMs);
    return () => clearTimeout(handle);
  },
};

/** Waits `delayMs` on `clock`; an abort of `signal` ends the wait early. Says which of the two it was. */
export const sleep = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<'elapsed' | 'aborted'> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve('aborted');
      return;
    }
    const onAbort = () => {
      cancel();
      resolve('aborted');
    };
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve('elapsed');
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });

/** Settles as `work` does, or rejects with `onTimeout()` when it has not settled after `deadlineMs`. */
export const withDeadline = async <T>(
  clock: Clock,
  work: Promise<T>,
  deadlineMs: number,
  onTimeout: () => Error,
): Promise<T> => {
  let cancel: Cancel = () => {};
  const timeout = new Promise<never>((_, reject) => {
    cancel = clock.schedule(deadlineMs, () => reject(onTimeout()));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
};

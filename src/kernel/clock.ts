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

/**
 * Those who sleep under one signal, with one listener for all of them: an AbortSignal looks through its listeners at
 * each new one, which a hundred thousand sleepers would feel.
 */
class Sleepers {
  static readonly #bySignal = new WeakMap<AbortSignal, Sleepers>();
  readonly #signal: AbortSignal;
  readonly #wakers = new Set<() => void>();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  static under(signal: AbortSignal): Sleepers {
    let sleepers = Sleepers.#bySignal.get(signal);
    if (sleepers === undefined) {
      sleepers = new Sleepers(signal);
      Sleepers.#bySignal.set(signal, sleepers);
    }
    return sleepers;
  }

  add(wake: () => void): void {
    if (this.#wakers.size === 0) this.#signal.addEventListener('abort', this.#wakeAll, { once: true });
    this.#wakers.add(wake);
  }

  delete(wake: () => void): void {
    this.#wakers.delete(wake);
    if (this.#wakers.size === 0) this.#signal.removeEventListener('abort', this.#wakeAll);
  }

  readonly #wakeAll = (): void => {
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  };
}

/** Waits `delayMs` on `clock`; an abort of `signal` ends the wait early. Says which of the two it was. */
export const sleep = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<'elapsed' | 'aborted'> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve('aborted');
      return;
    }
    const sleepers = signal && Sleepers.under(signal);
    const wake = () => {
      cancel();
      resolve('aborted');
    };
    const cancel = clock.schedule(delayMs, () => {
      sleepers?.delete(wake);
      resolve('elapsed');
    });
    sleepers?.add(wake);
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

import { type Clock, withDeadline } from '../kernel/clock.ts';

/** Something that comes and goes, such as a connection, and those who wait for it. */
export class Availability<T> {
  readonly #clock: Clock;
  readonly #unavailable: (reason: string) => Error;
  #value: T | undefined;
  #closed = false;
  #waiting: { readonly promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } | undefined;

  constructor(clock: Clock, unavailable: (reason: string) => Error) {
    this.#clock = clock;
    this.#unavailable = unavailable;
  }

  get value(): T | undefined {
    return this.#value;
  }

  up(value: T): void {
    this.#value = value;
    this.#waiting?.resolve(value);
    this.#waiting = undefined;
  }

  down(): void {
    this.#value = undefined;
  }

  /** Waits for it, at most this long. */
  async wait(timeoutMs: number): Promise<T> {
    if (this.#closed) throw this.#unavailable('closed');
    if (this.#value !== undefined) return this.#value;
    this.#waiting ??= deferred<T>();
    return withDeadline(this.#clock, this.#waiting.promise, timeoutMs, () =>
      this.#unavailable(`not connected for ${timeoutMs} ms`),
    );
  }

  close(): void {
    this.#closed = true;
    this.#value = undefined;
    this.#waiting?.reject(this.#unavailable('closed'));
    this.#waiting = undefined;
  }
}

const deferred = <T>() => {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
};

import type { Transaction } from './transaction.ts';

/** Locks on names, held to the end of a transaction. */
export class AdvisoryLocks {
  readonly #holders = new Map<string, Transaction>();
  #lastFence = 0;

  /** Takes the lock, unless another transaction holds it: then gives that one. */
  tryLock(key: string, transaction: Transaction): Transaction | undefined {
    const holder = this.#holders.get(key);
    if (holder === transaction) return undefined;
    if (holder !== undefined) return holder;
    this.#holders.set(key, transaction);
    transaction.keep({ settle: () => this.#holders.delete(key) });
    return undefined;
  }

  /** A number above all before it. */
  nextFence(): number {
    this.#lastFence += 1;
    return this.#lastFence;
  }
}

import type { Transaction } from './transaction.ts';
import { noRelation } from './values.ts';

class Sequence {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** Locks on names, held to the end of a transaction. */
export class AdvisoryLocks {
  readonly #holders = new Map<string, Transaction>();
  #fences: Sequence | undefined;

  defineFences(): void {
    this.#fences ??= new Sequence();
  }

  get fences(): Sequence {
    if (this.#fences === undefined) throw noRelation('fences');
    return this.#fences;
  }

  /** Takes the lock, unless another transaction holds it: then gives that one. */
  tryLock(key: string, transaction: Transaction): Transaction | undefined {
    const holder = this.#holders.get(key);
    if (holder === transaction) return undefined;
    if (holder !== undefined) return holder;
    this.#holders.set(key, transaction);
    transaction.keep({ settle: () => this.#holders.delete(key) });
    return undefined;
  }
}

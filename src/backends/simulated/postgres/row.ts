import type { Holding, Transaction } from './transaction.ts';
import type { Values } from './values.ts';

/** Stands for a row's version that its transaction has deleted. */
export const DELETED: Values = [];

/** The table, as its rows know it. */
export interface RowHome {
  /** The holder's version becomes everybody's (`commit`), or it is forgotten. Frees the row. */
  settle(row: StoredRow, commit: boolean): void;
}

/**
 * A row with the two versions that READ COMMITTED needs: what everybody sees, and what the transaction that holds
 * its lock has made of it. A row without either is gone.
 */
export class StoredRow implements Holding {
  committed: Values | undefined = undefined;
  pending: Values | undefined = undefined;
  /** Who has locked the row; only the holder may have a pending version. */
  holder: Transaction | undefined = undefined;
  /** The value of a primary key of one number when the row was inserted, else NaN. */
  readonly order: number;
  readonly #home: RowHome;

  constructor(home: RowHome, order: number) {
    this.#home = home;
    this.order = order;
  }

  /** The values as `transaction` sees them. */
  seenBy(transaction: Transaction): Values | undefined {
    return this.holder === transaction && this.pending !== undefined ? this.written : this.committed;
  }

  /** The version written by the holder, unless it is a deletion. */
  get written(): Values | undefined {
    return this.pending === DELETED ? undefined : this.pending;
  }

  get isGone(): boolean {
    return this.committed === undefined && this.pending === undefined;
  }

  isHeldFrom(transaction: Transaction): boolean {
    return this.holder !== undefined && this.holder !== transaction;
  }

  /** Takes the lock, which nobody else holds, to the end of the transaction. */
  lock(transaction: Transaction): void {
    if (this.holder === transaction) return;
    this.holder = transaction;
    transaction.keep(this);
  }

  settle(commit: boolean): void {
    this.#home.settle(this, commit);
  }
}

import type { OrderEvent } from '../types.ts';

/** One line of the ledger, as the audit reads it. */
export interface LedgerEntry {
  /** Grows with every insert. */
  readonly seq: number;
  readonly kind: 'placed' | 'paid' | 'cancelled';
  readonly orderId: number;
  readonly key: number;
  readonly user: number;
  readonly sku: number;
  readonly units: number;
}

/** The append-only record of orders: the truth that everything else is compared with. */
export interface LedgerPort {
  /** Writes events in one statement. Idempotent per (order, kind, SKU). Gives the rows that were new. */
  append(events: readonly OrderEvent[]): Promise<number>;
  /** Entries with `seq` beyond `afterSeq`, oldest first, at most `limit`. */
  read(afterSeq: number, limit: number): Promise<readonly LedgerEntry[]>;
}

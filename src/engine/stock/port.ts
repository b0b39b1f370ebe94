import type { PlacedOrder, Sku } from '../types.ts';
import type { EngineContext, Strategy } from '../strategy.ts';

export type ReserveOutcome =
  | { readonly kind: 'reserved' }
  /** The key was reserved before, by the order with this id. */
  | { readonly kind: 'duplicate'; readonly orderId: number }
  | { readonly kind: 'sold-out'; readonly sku: Sku }
  | { readonly kind: 'limit-reached'; readonly sku: Sku }
  /** Optimistic retries ran out. */
  | { readonly kind: 'conflict' }
  /** A newer lock holder has written already. */
  | { readonly kind: 'stale-fence' };

export type RestoreReason = 'cancelled' | 'not-placed';

export interface StockPort {
  /**
   * Takes all lines of the order, or none. Remembers the key, so that asking again takes nothing more. `fence`: that of
   * the lock under which it is asked, if it has one.
   */
  reserve(order: PlacedOrder, fence?: number): Promise<ReserveOutcome>;
  /**
   * Gives the order's units back, exactly once. A `cancelled` order keeps its key, so that a late repetition is not
   * a new order; one that was `not-placed` frees it.
   */
  restore(order: PlacedOrder, because: RestoreReason): Promise<'restored' | 'not-reserved'>;
  /** Sets the units of SKUs 0, 1, 2… of a new run. */
  seed(unitsBySku: readonly number[]): Promise<void>;
  /** Units left of each SKU, as the store says now. */
  levels(): Promise<readonly number[]>;
}

export interface StockGuarantees {
  /** Never sells more than there is: by itself, only under a lock, or never. */
  readonly oversellSafe: 'always' | 'with-lock' | 'with-fence';
  /** One order per idempotency key: by itself, for repetitions with the same user and lines, or only under a lock. */
  readonly idempotent: 'always' | 'same-request' | 'with-lock';
  /** Under contention it answers `conflict` after a bounded number of retries, though units may be left. */
  readonly givesUp: boolean;
  /** Units of all SKUs together that it can keep, where that is bounded. */
  readonly maxUnits?: number;
}

export interface StockSettings {
  readonly skus: number;
  /** Units one user may take of one SKU; 0: no limit. */
  readonly limitPerUser: number;
}

export interface StockContext {
  readonly settings: StockSettings;
}

export type StockStrategy<Options = unknown> = Strategy<
  StockPort,
  StockGuarantees,
  Options,
  EngineContext & StockContext
>;

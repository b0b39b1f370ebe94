import type { ProductView, Sku } from '../types.ts';
import type { Strategy } from '../strategy.ts';

/** Product pages. `undefined` is an answer too: there is no such product. */
export interface CachePort {
  /** The cached view, or what `load` gives. `load` reads the ledger's database. */
  read(sku: Sku, load: LoadView): Promise<ProductView | undefined>;
  /** The product has changed, and this is its committed state: no later read may see an older one for longer than declared. */
  invalidate(changed: ProductView): Promise<void>;
  /**
   * Only of a cache that writes to the database itself: resolves when the change is acknowledged. Without it, a change
   * is committed and then announced by `invalidate`.
   */
  write?(change: PageChange, database: PageDatabase): Promise<void>;
  /** Of the same: resolves when no acknowledged change is on its way to the database any more. */
  settle?(): Promise<void>;
}

export type LoadView = () => Promise<ProductView | undefined>;

export type PageChange = Pick<ProductView, 'sku' | 'soldOut'>;

/** The page's row, for the writer of one change. Both reject with a BackendError when the database fails. */
export interface PageDatabase {
  readonly load: LoadView;
  /** Gives the committed state; `undefined`: the page was so already, or there is none. May be repeated. */
  readonly commit: () => Promise<ProductView | undefined>;
}

export interface CacheGuarantees {
  /**
   * How long after an invalidation a read may still see the old value: `none`, never, nothing is kept;
   * `bounded-by-invalidation`, until the news has reached the node; `until-ttl`, until the entry ends.
   */
  readonly staleness: 'none' | 'until-ttl' | 'bounded-by-invalidation';
  /** Concurrent misses of one key load it once. */
  readonly stampedeProtection: 'none' | 'per-node' | 'global';
  /** What a change has behind it when it is acknowledged: the database's commit, or the cache's entry alone. */
  readonly acknowledgedAfter: 'commit' | 'entry';
}

export type CacheStrategy<Options = unknown> = Strategy<CachePort, CacheGuarantees, Options>;

import type { ProductView, Sku } from '../types.ts';
import type { Strategy } from '../strategy.ts';

/** Product pages. `undefined` is an answer too: there is no such product. */
export interface CachePort {
  /** The cached view, or what `load` gives. `load` reads the ledger's database. */
  read(sku: Sku, load: LoadView): Promise<ProductView | undefined>;
  /** The product has changed, and this is its committed state: no later read may see an older one for longer than declared. */
  invalidate(changed: ProductView): Promise<void>;
}

export type LoadView = () => Promise<ProductView | undefined>;

export interface CacheGuarantees {
  /**
   * How long after an invalidation a read may still see the old value: `none`, never, nothing is kept;
   * `bounded-by-invalidation`, until the news has reached the node; `until-ttl`, until the entry ends.
   */
  readonly staleness: 'none' | 'until-ttl' | 'bounded-by-invalidation';
  /** Concurrent misses of one key load it once. */
  readonly stampedeProtection: 'none' | 'per-node' | 'global';
}

export type CacheStrategy<Options = unknown> = Strategy<CachePort, CacheGuarantees, Options>;

import type { ProductView, Sku } from '../types.ts';
import type { Strategy } from '../strategy.ts';

/** Product pages. `undefined` is an answer too: there is no such product. */
export interface CachePort {
  /** The cached view, or what `load` gives. `load` reads the ledger's database. */
  read(sku: Sku, load: () => Promise<ProductView | undefined>): Promise<ProductView | undefined>;
  /** The product has changed and is now at `version`: no later read may see an older one for longer than declared. */
  invalidate(sku: Sku, version: number): Promise<void>;
}

export interface CacheGuarantees {
  /** How long after an invalidation a read may still see the old value, at most; 0: never. In seconds, per its TTL. */
  readonly staleness: 'none' | 'until-ttl' | 'bounded-by-invalidation';
  /** Concurrent misses of one key load it once. */
  readonly stampedeProtection: 'none' | 'per-node' | 'global';
}

export type CacheStrategy<Options = unknown> = Strategy<CachePort, CacheGuarantees, Options>;

import type { Postgres } from '../backends/ports.ts';
import type { CachePort } from './cache/port.ts';
import { loadProduct, setSoldOut } from './ledger/products.ts';
import type { ProductView, Sku } from './types.ts';

/** What customers browse: product rows in PostgreSQL, read through the cache, which is told of every change. */
export class ProductPages {
  readonly #postgres: Postgres;
  readonly #cache: CachePort;
  /** SKUs that this node knows the page of to say "sold out". */
  readonly #soldOut = new Set<Sku>();

  constructor(postgres: Postgres, cache: CachePort) {
    this.#postgres = postgres;
    this.#cache = cache;
  }

  async view(sku: Sku): Promise<ProductView | undefined> {
    const view = await this.#cache.read(sku, () => loadProduct(this.#postgres, sku));
    if (view?.soldOut === true) this.#soldOut.add(sku);
    return view;
  }

  /** Commits the change, then invalidates. Only a change of what this node knew reaches the database. */
  async mark(sku: Sku, soldOut: boolean): Promise<void> {
    if (this.#soldOut.has(sku) === soldOut) return;
    if (soldOut) this.#soldOut.add(sku);
    else this.#soldOut.delete(sku);
    const version = await setSoldOut(this.#postgres, sku, soldOut);
    if (version !== undefined) await this.#cache.invalidate(sku, version);
  }
}

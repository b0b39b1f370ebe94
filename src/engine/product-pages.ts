import type { Postgres } from '../backends/ports.ts';
import type { CachePort, PageChange } from './cache/port.ts';
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
    if (view?.soldOut === true) this.#know(sku, true);
    return view;
  }

  /** As far as this node knows. */
  saysSoldOut(sku: Sku): boolean {
    return this.#soldOut.has(sku);
  }

  /** Only a change of what this node knows of the page reaches the database. */
  async mark(sku: Sku, soldOut: boolean): Promise<void> {
    if (this.#soldOut.has(sku) !== soldOut) await this.#change(sku, soldOut);
  }

  /** Units came back. The page may say "sold out" without this node's knowledge. */
  async returnToSale(sku: Sku): Promise<void> {
    await this.#change(sku, false);
  }

  /** Known from the start, so that a crowd of orders asks for it once. */
  async #change(sku: Sku, soldOut: boolean): Promise<void> {
    this.#know(sku, soldOut);
    try {
      await this.#write({ sku, soldOut });
    } catch (error) {
      this.#know(sku, !soldOut);
      throw error;
    }
  }

  /** Commits the change, then invalidates; a cache that writes itself does it its own way. */
  async #write(change: PageChange): Promise<void> {
    const { sku, soldOut } = change;
    const load = () => loadProduct(this.#postgres, sku);
    const commit = () => setSoldOut(this.#postgres, sku, soldOut);
    if (this.#cache.write !== undefined) return this.#cache.write(change, { load, commit });
    const changed = await commit();
    if (changed !== undefined) await this.#cache.invalidate(changed);
  }

  #know(sku: Sku, soldOut: boolean): void {
    if (soldOut) this.#soldOut.add(sku);
    else this.#soldOut.delete(sku);
  }
}

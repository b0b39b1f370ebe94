import { BackendError, type Postgres } from '../../src/backends/ports.ts';
import { replacing } from '../../src/contract/faults.ts';
import type { ContractNode, Space } from '../../src/contract/space.ts';
import type { CachePort } from '../../src/engine/cache/port.ts';
import { loadProduct, seedProducts } from '../../src/engine/ledger/products.ts';
import { ProductPages } from '../../src/engine/product-pages.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import type { ProductView, Sku } from '../../src/engine/types.ts';
import { SeededRandom } from '../../src/kernel/random.ts';

/** A node's way to the pages in the database: changes can be held back on it, or fail. */
export class ChangesInTheWay {
  /** Changes that were sent so far. */
  sent = 0;
  #failing = 0;
  #gate: Promise<void> | undefined;
  #onSent: (() => void) | undefined;

  /** From now on changes are on their way until the function that this gives is called. */
  holdBack(): () => void {
    let open = () => {};
    this.#gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  /** So many changes fail without effect. */
  fail(count: number): void {
    this.#failing = count;
  }

  /** Resolves when so many changes were sent. */
  async reached(count: number): Promise<void> {
    while (this.sent < count) await new Promise<void>((resolve) => (this.#onSent = resolve));
  }

  before(postgres: Postgres): Postgres {
    return replacing(postgres, {
      query: async (statement) => {
        if (statement.kind === 'update') await this.#pass();
        return postgres.query(statement);
      },
    });
  }

  async #pass(): Promise<void> {
    this.sent += 1;
    this.#onSent?.();
    await this.#gate;
    this.#failing -= 1;
    if (this.#failing >= 0) throw new BackendError('postgres', 'none', 'down');
  }
}

export interface PageNode {
  readonly node: ContractNode;
  readonly cache: CachePort;
  readonly changes: ChangesInTheWay;
  readonly pages: ProductPages;
  /** What a customer sees; `undefined`: no page. */
  readonly soldOut: (sku?: Sku) => Promise<boolean | undefined>;
}

/** Puts products on sale, and gives what the database has of one. */
export const openCatalogue = async (
  space: Space,
  skus = 1,
): Promise<(sku?: Sku) => Promise<ProductView | undefined>> => {
  const { postgres } = await space.node();
  await space.define();
  await seedProducts(postgres, skus, new SeededRandom(1));
  return (sku = 0) => loadProduct(postgres, sku);
};

/** Another node with a cache of its own. */
export const openPages = async (
  space: Space,
  cacheName: string,
  options: Record<string, unknown> = {},
  context: Partial<EngineContext> = {},
): Promise<PageNode> => {
  const changes = new ChangesInTheWay();
  const node = await space.node(context);
  const strategy = REGISTRY.cache[cacheName]!;
  const cache = strategy.open(strategy.options.parse(options), node);
  const pages = new ProductPages(changes.before(node.postgres), cache);
  return { node, cache, changes, pages, soldOut: async (sku = 0) => (await pages.view(sku))?.soldOut };
};

import type { CacheStrategy } from '../../engine/cache/port.ts';
import { loadProduct, seedProducts } from '../../engine/ledger/products.ts';
import { ProductPages } from '../../engine/product-pages.ts';
import type { ProductView } from '../../engine/types.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { type Property, same } from '../property.ts';
import type { Space } from '../space.ts';
import { invalidates } from './coherence.ts';
import { openCache, soon } from './shelf.ts';

/** A shop of one product, with a node that changes its page and another that only looks. */
const openPages = async (strategy: CacheStrategy, space: Space) => {
  const [writer, reader] = [await space.node(), await space.node()];
  await space.define();
  await seedProducts(reader.postgres, 1, new SeededRandom(1));
  const cache = await openCache(strategy, space, writer);
  return {
    writer,
    cache,
    here: new ProductPages(writer.postgres, cache),
    there: new ProductPages(reader.postgres, await openCache(strategy, space, reader)),
    inDatabase: () => loadProduct(reader.postgres, 0),
  };
};

const soldOutOf = (page: ProductView | undefined) => page?.soldOut;

const shown: Property<CacheStrategy> = {
  name: 'a change that was acknowledged is read, on all nodes, and stays when the database has it',
  exempt: invalidates,
  async check(strategy, space) {
    const { cache, here, there, inDatabase } = await openPages(strategy, space);
    for (const soldOut of [true, false]) {
      await there.view(0);
      await here.mark(0, soldOut);
      same(soldOutOf(await here.view(0)), soldOut, '"sold out" on the page of the node that changed it');
      const seen = await soon(async () => soldOutOf(await there.view(0)), soldOut, space);
      same(seen, soldOut, '"sold out" on the page of another node, after many a look');
      await cache.settle?.();
      for (const pages of [here, there])
        same(await pages.view(0), await inDatabase(), 'the page, beside its row in the database');
    }
  },
};

const committed: Property<CacheStrategy> = {
  name: 'a change that was acknowledged is in the database',
  exempt: ({ guarantees }) =>
    guarantees.acknowledgedAfter === 'entry'
      ? 'it acknowledges a change before the database has it'
      : undefined,
  async check(strategy, space) {
    const { here, inDatabase } = await openPages(strategy, space);
    for (const soldOut of [true, false]) {
      await here.mark(0, soldOut);
      same(soldOutOf(await inDatabase()), soldOut, '"sold out" in the database after the acknowledgement');
    }
  },
};

const settled: Property<CacheStrategy> = {
  name: 'a change that was acknowledged is in the database once its node has settled',
  async check(strategy, space) {
    const { cache, here, inDatabase } = await openPages(strategy, space);
    for (const soldOut of [true, false]) {
      await here.mark(0, soldOut);
      await cache.settle?.();
      same(soldOutOf(await inDatabase()), soldOut, '"sold out" in the database after the node has settled');
    }
  },
};

const uncounted: Property<CacheStrategy> = {
  name: 'who changes a page is not counted as one who reads it',
  async check(strategy, space) {
    const { writer, cache, here } = await openPages(strategy, space);
    for (const soldOut of [true, false]) await here.mark(0, soldOut);
    await cache.settle?.();
    same(writer.telemetry.of('cache.reads'), 0, 'the count of cache.reads after two changes');
    same(writer.telemetry.of('cache.hits'), 0, 'the count of cache.hits after two changes');
  },
};

export const WRITING: readonly Property<CacheStrategy>[] = [shown, committed, settled, uncounted];

import { beforeEach, describe, expect, test } from 'vitest';
import { BackendError, type Postgres } from '../../../src/backends/ports.ts';
import { SimulatedPostgresServer } from '../../../src/backends/simulated/postgres.ts';
import type { CachePort } from '../../../src/engine/cache/port.ts';
import { seedProducts } from '../../../src/engine/ledger/products.ts';
import { LEDGER_TABLES } from '../../../src/engine/ledger/tables.ts';
import { ProductPages } from '../../../src/engine/product-pages.ts';
import { wallClock } from '../../../src/kernel/clock.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { replacing } from '../../../src/contract/faults.ts';

const random = new SeededRandom(1);

describe('product pages', () => {
  let postgres: Postgres;
  let updates: number;
  let failing: boolean;
  let invalidations: [sku: number, version: number][];
  let cache: CachePort;

  beforeEach(async () => {
    const real = new SimulatedPostgresServer({ clock: wallClock, random }).connect({ schema: 'pages' });
    await real.define(LEDGER_TABLES);
    await seedProducts(real, 2, random);
    updates = 0;
    failing = false;
    postgres = replacing(real, {
      query: async (statement) => {
        if (statement.kind === 'update') updates += 1;
        if (failing) throw new BackendError('postgres', 'none', 'down');
        return real.query(statement);
      },
    });
    invalidations = [];
    cache = {
      read: (_sku, load) => load(),
      invalidate: async ({ sku, version }) => void invalidations.push([sku, version]),
    };
  });

  test('a change is committed, then the cache is told the new version', async () => {
    const pages = new ProductPages(postgres, cache);
    await pages.mark(0, true);
    expect(await pages.view(0)).toMatchObject({ soldOut: true, version: 2 });
    expect(await pages.view(1)).toMatchObject({ soldOut: false, version: 1 });
    await pages.mark(0, false);
    expect(await pages.view(0)).toMatchObject({ soldOut: false, version: 3 });
    expect(invalidations).toEqual([
      [0, 2],
      [0, 3],
    ]);
  });

  test('a crowd that finds it sold out asks the database once', async () => {
    const pages = new ProductPages(postgres, cache);
    await Promise.all(Array.from({ length: 50 }, () => pages.mark(0, true)));
    await pages.mark(1, false);
    expect(updates).toBe(1);
  });

  test('what could not be changed is tried again', async () => {
    const pages = new ProductPages(postgres, cache);
    failing = true;
    await expect(pages.mark(0, true)).rejects.toBeInstanceOf(BackendError);
    failing = false;
    await pages.mark(0, true);
    expect(await pages.view(0)).toMatchObject({ soldOut: true });
  });

  test('what another node marked is known from the page', async () => {
    await new ProductPages(postgres, cache).mark(0, true);
    const pages = new ProductPages(postgres, cache);
    await pages.view(0);
    await pages.mark(0, false);
    expect(await pages.view(0)).toMatchObject({ soldOut: false });
  });

  test('units that came back are for sale, whoever marked the page', async () => {
    await new ProductPages(postgres, cache).mark(0, true);
    const pages = new ProductPages(postgres, cache);
    await pages.returnToSale(0);
    expect(await pages.view(0)).toMatchObject({ soldOut: false });
    await pages.mark(0, true);
    expect(await pages.view(0)).toMatchObject({ soldOut: true });
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Postgres } from '../../src/backends/ports.ts';
import { openLedger } from '../../src/engine/ledger/postgres.ts';
import { loadProduct, returnToSale, seedProducts, setSoldOut } from '../../src/engine/ledger/products.ts';
import type { LedgerPort } from '../../src/engine/ledger/port.ts';
import { LEDGER_TABLES } from '../../src/engine/ledger/tables.ts';
import type { EventKind, OrderEvent, OrderLine } from '../../src/engine/types.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { refusalOf, WORLDS, type World } from './postgres-worlds.ts';

const event = (kind: EventKind, orderId: number, lines: readonly OrderLine[] = [{ sku: 0, units: 1 }]) =>
  ({
    kind,
    order: { orderId, key: orderId + 1_000, user: orderId + 2_000, lines },
    atMs: 1.5,
  }) satisfies OrderEvent;

describe.each(WORLDS)('the ledger, $world', ({ enter }) => {
  let world: World;
  let postgres: Postgres;
  let ledger: LedgerPort;

  beforeEach(async () => {
    world = enter();
    postgres = await world.open();
    await postgres.define(LEDGER_TABLES);
    ledger = openLedger(postgres);
  });
  afterEach(() => world.close());

  test('keeps one entry per order line and event', async () => {
    const lines = [
      { sku: 3, units: 2 },
      { sku: 5, units: 1 },
    ];
    expect(
      await ledger.append([event('placed', 1, lines), event('placed', 2), event('paid', 1, lines)]),
    ).toBe(5);
    expect(await ledger.append([event('cancelled', 2)])).toBe(1);
    const entry = (seq: number, kind: EventKind, orderId: number, sku: number, units: number) => ({
      seq,
      kind,
      orderId,
      key: orderId + 1_000,
      user: orderId + 2_000,
      sku,
      units,
    });
    expect(await ledger.read(0, 100)).toEqual([
      entry(1, 'placed', 1, 3, 2),
      entry(2, 'placed', 1, 5, 1),
      entry(3, 'placed', 2, 0, 1),
      entry(4, 'paid', 1, 3, 2),
      entry(5, 'paid', 1, 5, 1),
      entry(6, 'cancelled', 2, 0, 1),
    ]);
  });

  test('ignores what it has, in one batch and in a later one', async () => {
    expect(await ledger.append([event('placed', 1), event('placed', 1)])).toBe(1);
    expect(await ledger.append([event('placed', 1), event('placed', 2), event('paid', 1)])).toBe(2);
    expect(await ledger.append([event('placed', 2)])).toBe(0);
    expect((await ledger.read(0, 100)).map(({ kind, orderId }) => `${kind} ${orderId}`)).toEqual([
      'placed 1',
      'placed 2',
      'paid 1',
    ]);
  });

  test('counts each entry as new for one of several who append it at once', async () => {
    const batch = Array.from({ length: 50 }, (_, i) => event('placed', i));
    const added = await Promise.all(Array.from({ length: 4 }, () => ledger.append(batch)));
    expect(added.reduce((sum, count) => sum + count, 0)).toBe(50);
    expect(await ledger.read(0, 100)).toHaveLength(50);
  });

  test('appends nothing without a statement', async () => {
    await postgres.drop();
    expect(await ledger.append([])).toBe(0);
    expect(await refusalOf(ledger.append([event('placed', 1)]))).toMatch(/^none 42P01/);
  });

  test('is read in pages', async () => {
    await ledger.append(Array.from({ length: 25 }, (_, i) => event('placed', i)));
    const pages: number[][] = [];
    for (let after = 0; ;) {
      const page = await ledger.read(after, 10);
      if (page.length === 0) break;
      pages.push(page.map(({ orderId }) => orderId));
      after = page.at(-1)!.seq;
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, i) => i));
  });

  test('takes a large batch with numbers as large as there are', async () => {
    const large = Number.MAX_SAFE_INTEGER - 5_000;
    const batch = Array.from({ length: 1_200 }, (_, i) => event('placed', large + i));
    expect(await ledger.append(batch)).toBe(1_200);
    const [last] = await ledger.read(1_199, 10);
    expect(last?.orderId).toBe(large + 1_199);
    expect(last?.user).toBe(large + 3_199);
  });

  describe('products', () => {
    test('are seeded once, at prices that follow from the seed', async () => {
      await seedProducts(postgres, 3, new SeededRandom(7));
      const first = await Promise.all([0, 1, 2].map((sku) => loadProduct(postgres, sku)));
      await seedProducts(postgres, 4, new SeededRandom(8));
      expect(await Promise.all([0, 1, 2].map((sku) => loadProduct(postgres, sku)))).toEqual(first);
      expect(first.map((product) => product?.sku)).toEqual([0, 1, 2]);
      expect(first[0]).toMatchObject({ soldOut: false, version: 1 });
      expect(new Set(first.map((product) => product?.priceCents)).size).toBeGreaterThan(1);
      expect(await loadProduct(postgres, 3)).toBeDefined();
      expect(await loadProduct(postgres, 4)).toBeUndefined();
    });

    test('change their version when they sell out, and when they return', async () => {
      await seedProducts(postgres, 2, new SeededRandom(7));
      const before = await loadProduct(postgres, 1);
      expect(await setSoldOut(postgres, 1, true)).toEqual({ ...before, soldOut: true, version: 2 });
      expect(await setSoldOut(postgres, 1, true)).toBeUndefined();
      expect(await setSoldOut(postgres, 9, true)).toBeUndefined();
      expect(await loadProduct(postgres, 1)).toMatchObject({ soldOut: true, version: 2 });
      await returnToSale(postgres);
      expect(await loadProduct(postgres, 1)).toMatchObject({ soldOut: false, version: 3 });
      expect(await loadProduct(postgres, 0)).toMatchObject({ soldOut: false, version: 1 });
    });
  });
});

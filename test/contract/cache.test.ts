import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CachePort, CacheStrategy } from '../../src/engine/cache/port.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { ProductView } from '../../src/engine/types.ts';
import { optionsOf } from '../support/options.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

const CACHES = Object.values(REGISTRY.cache);
const CACHING = CACHES.filter(({ guarantees }) => guarantees.staleness !== 'none');
const INVALIDATED = CACHES.filter(({ guarantees }) => guarantees.staleness !== 'until-ttl');

const view = (version: number): ProductView => ({ sku: 0, priceCents: 1_999, soldOut: version > 1, version });

/** A database of one product, whose loads can be held back. */
class Shelf {
  loads = 0;
  product: ProductView | undefined = view(1);
  #gate: Promise<void> | undefined;
  #onLoad: (() => void) | undefined;

  /** From now on a load reads at once, and answers when the function that this gives is called. */
  holdBack(): () => void {
    let open = () => {};
    this.#gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  /** Resolves when there have been so many loads. */
  async loaded(count: number): Promise<void> {
    while (this.loads < count) await new Promise<void>((resolve) => (this.#onLoad = resolve));
  }

  readonly load = async (): Promise<ProductView | undefined> => {
    const read = this.product;
    this.loads += 1;
    this.#onLoad?.();
    await this.#gate;
    return read;
  };
}

describe.each(WORLDS)('caches, $world', ({ open }) => {
  let space: Space;
  let node: TestNode;
  let shelf: Shelf;

  const cacheOf = (strategy: CacheStrategy, on: TestNode = node): CachePort =>
    strategy.open(optionsOf(strategy), on);

  /** Reads until `version` is seen: a node may hear of an invalidation a little later than the one that asked for it. */
  const eventually = async (cache: CachePort, version: number) => {
    let seen: number | undefined;
    for (let read = 0; read < 1_000 && seen !== version; read += 1) {
      seen = (await cache.read(0, shelf.load))?.version;
    }
    return seen;
  };

  beforeEach(async () => {
    space = await open();
    node = await space.node();
    shelf = new Shelf();
  });
  afterEach(() => space.close());

  describe.each(CACHES)('$name', (strategy) => {
    test('gives what is loaded, again and again', async () => {
      const cache = cacheOf(strategy);
      for (let read = 1; read <= 5; read += 1) expect(await cache.read(0, shelf.load)).toEqual(view(1));
      expect(node.telemetry.of('cache.reads')).toBe(5);
      expect(node.telemetry.of('cache.loads')).toBe(shelf.loads);
      expect(node.telemetry.of('cache.hits')).toBe(5 - shelf.loads);
    });

    test('keeps products apart', async () => {
      const cache = cacheOf(strategy);
      await cache.read(0, shelf.load);
      const other = { ...view(1), sku: 1 };
      expect(await cache.read(1, () => Promise.resolve(other))).toEqual(other);
      expect(await cache.read(0, shelf.load)).toEqual(view(1));
    });

    test('a failing load fails the read, and is not remembered', async () => {
      const cache = cacheOf(strategy);
      const failure = new Error('no database');
      await expect(cache.read(0, () => Promise.reject(failure))).rejects.toBe(failure);
      expect(await cache.read(0, shelf.load)).toEqual(view(1));
    });

    test('concurrent readers of a missing entry all get it', async () => {
      const cache = cacheOf(strategy);
      const loads = strategy.guarantees.stampedeProtection === 'none' ? 10 : 1;
      const open = shelf.holdBack();
      const reads = Array.from({ length: 10 }, () => cache.read(0, shelf.load));
      await shelf.loaded(loads);
      open();
      expect(await Promise.all(reads)).toEqual(Array.from({ length: 10 }, () => view(1)));
      expect(shelf.loads).toBe(loads);
      expect(node.telemetry.peakLoads).toBe(loads);
      await cache.invalidate(0, 2);
      await cache.read(0, shelf.load);
      expect(node.telemetry.peakLoads).toBe(loads);
    });
  });

  describe.each(CACHING)('$name', (strategy) => {
    test('loads once for many reads, on all nodes', async () => {
      const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
      for (let read = 0; read < 5; read += 1) await here.read(0, shelf.load);
      expect(await there.read(0, shelf.load)).toEqual(view(1));
      expect(shelf.loads).toBe(1);
    });

    test('remembers that there is no such product', async () => {
      const cache = cacheOf(strategy);
      shelf.product = undefined;
      for (let read = 0; read < 3; read += 1) expect(await cache.read(0, shelf.load)).toBeUndefined();
      expect(shelf.loads).toBe(1);
      shelf.product = view(1);
      await cache.invalidate(0, 1);
      expect(await cache.read(0, shelf.load)).toEqual(view(1));
    });
  });

  describe.each(INVALIDATED)('$name', (strategy) => {
    test('after an invalidation the new version is read, on all nodes', async () => {
      const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
      await here.read(0, shelf.load);
      await there.read(0, shelf.load);
      shelf.product = view(2);
      await here.invalidate(0, 2);
      expect(await here.read(0, shelf.load)).toEqual(view(2));
      expect(await eventually(there, 2)).toBe(2);
    });

    test('what was loaded before a change is not served after it, however late it arrives', async () => {
      const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
      const open = shelf.holdBack();
      const slow = here.read(0, shelf.load);
      await shelf.loaded(1);
      shelf.product = view(2);
      await there.invalidate(0, 2);
      open();
      // Its own reader asked before the change, and may be told the old state.
      await slow;
      expect(await eventually(here, 2)).toBe(2);
      for (const cache of [here, there, here]) expect(await cache.read(0, shelf.load)).toEqual(view(2));
    });

    test('an invalidation that comes late does not let an older state in', async () => {
      const cache = cacheOf(strategy);
      shelf.product = view(2);
      const open = shelf.holdBack();
      const slow = cache.read(0, shelf.load);
      await shelf.loaded(1);
      shelf.product = view(3);
      await cache.invalidate(0, 3);
      await cache.invalidate(0, 2);
      open();
      await slow;
      expect(await cache.read(0, shelf.load)).toEqual(view(3));
    });
  });
});

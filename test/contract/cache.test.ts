import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../src/backends/ports.ts';
import type { CachePort, CacheStrategy } from '../../src/engine/cache/port.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import type { ProductView } from '../../src/engine/types.ts';
import { replacing } from '../support/faults.ts';
import { optionsOf } from '../support/options.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

const CACHES = Object.values(REGISTRY.cache);
const CACHING = CACHES.filter(({ guarantees }) => guarantees.staleness !== 'none');
const GLOBAL = CACHES.filter(({ guarantees }) => guarantees.stampedeProtection === 'global');
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
    // A copy in memory must not go by itself before the news of a change has come.
    strategy.open(optionsOf(strategy, { nearTtlMs: 60_000 }), on);

  /** Reads until `version` is seen: a node may hear of a change a little later than the one that asked for it. */
  const eventually = (cache: CachePort, version: number) =>
    vi.waitFor(async () => expect((await cache.read(0, shelf.load))?.version).toBe(version), {
      timeout: 10_000,
      interval: 1,
    });

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
      await cache.invalidate(view(2));
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
      await cache.invalidate(view(1));
      expect(await cache.read(0, shelf.load)).toEqual(view(1));
    });
  });

  describe.each(INVALIDATED)('$name', (strategy) => {
    test('after an invalidation the new version is read, on all nodes', async () => {
      const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
      await here.read(0, shelf.load);
      await there.read(0, shelf.load);
      shelf.product = view(2);
      await here.invalidate(view(2));
      expect(await here.read(0, shelf.load)).toEqual(view(2));
      await eventually(there, 2);
    });

    test('what was loaded before a change is not served after it, however late it arrives', async () => {
      const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
      const open = shelf.holdBack();
      const slow = here.read(0, shelf.load);
      await shelf.loaded(1);
      shelf.product = view(2);
      await there.invalidate(view(2));
      open();
      // Its own reader asked before the change, and may be told the old state.
      await slow;
      await eventually(here, 2);
      for (const cache of [here, there, here]) expect(await cache.read(0, shelf.load)).toEqual(view(2));
    });

    test('an invalidation that comes late does not let an older state in', async () => {
      const cache = cacheOf(strategy);
      shelf.product = view(2);
      const open = shelf.holdBack();
      const slow = cache.read(0, shelf.load);
      await shelf.loaded(1);
      shelf.product = view(3);
      await cache.invalidate(view(3));
      await cache.invalidate(view(2));
      open();
      await slow;
      expect(await cache.read(0, shelf.load)).toEqual(view(3));
    });
  });

  test.each(GLOBAL)('$name: of readers on two nodes who miss an entry, one loads it', async (strategy) => {
    const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
    const open = shelf.holdBack();
    const first = here.read(0, shelf.load);
    await shelf.loaded(1);
    const second = there.read(0, shelf.load);
    open();
    expect(await Promise.all([first, second])).toEqual([view(1), view(1)]);
    expect(shelf.loads).toBe(1);
  });

  test('write-through: a change is read on all nodes without a load, and an older one changes nothing', async () => {
    const strategy = REGISTRY.cache['write-through']!;
    const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
    await here.read(0, shelf.load);
    await here.invalidate(view(3));
    await there.invalidate(view(2));
    for (const cache of [here, there]) expect(await cache.read(0, shelf.load)).toEqual(view(3));
    expect(shelf.loads).toBe(1);
  });

  describe('near', () => {
    const strategy = REGISTRY.cache['near']!;

    test('reads again and again from memory, until another node changes the product', async () => {
      const [here, there] = [cacheOf(strategy), cacheOf(strategy, await space.node())];
      await eventually(here, 1);
      // The news of its own fill may come in between, and costs one copy.
      await vi.waitFor(async () => {
        const hits = node.telemetry.of('cache.near-hits');
        for (let read = 0; read < 10; read += 1) await here.read(0, shelf.load);
        expect(node.telemetry.of('cache.near-hits') - hits).toBe(10);
      });
      shelf.product = view(2);
      await there.invalidate(view(2));
      await eventually(here, 2);
      expect(shelf.loads).toBe(2);
    });

    test('without news of changes nothing is served from memory', async () => {
      const { redis } = await space.node();
      const deaf = replacing(redis, {
        track: () => Promise.resolve({ active: false, stop: () => {} }),
      });
      const cache = strategy.open(optionsOf(strategy), { ...node, redis: deaf });
      for (let read = 0; read < 5; read += 1) expect(await cache.read(0, shelf.load)).toEqual(view(1));
      expect(node.telemetry.of('cache.hits')).toBe(4);
      expect(node.telemetry.of('cache.near-hits')).toBe(0);
    });

    test('tracking that could not begin is tried again by the next read', async () => {
      const { redis } = await space.node();
      let refusals = 1;
      const hesitant = replacing(redis, {
        track: (prefix, onChange) => {
          refusals -= 1;
          if (refusals >= 0) return Promise.reject(new BackendError('redis', 'none', 'refused'));
          return redis.track(prefix, onChange);
        },
      });
      const cache = strategy.open(optionsOf(strategy), { ...node, redis: hesitant });
      await expect(cache.read(0, shelf.load)).rejects.toThrow('refused');
      expect(await cache.read(0, shelf.load)).toEqual(view(1));
    });
  });
});

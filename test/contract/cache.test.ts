import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../src/backends/ports.ts';
import { openCache, Shelf, view } from '../../src/contract/cache/shelf.ts';
import { CACHE_PROPERTIES } from '../../src/contract/cache.ts';
import type { CachePort } from '../../src/engine/cache/port.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import { replacing } from '../../src/contract/faults.ts';
import { optionsOf } from '../../src/contract/options.ts';
import { judgedOf, RACES, WORLDS, type Space, type TestNode } from '../support/worlds.ts';

const CACHES = Object.values(REGISTRY.cache);

describe.each(RACES)('caches, $world', (races) => {
  describe.each(CACHES)('$name', (strategy) => {
    test.each(judgedOf(CACHE_PROPERTIES, strategy, races))('$name', async ({ judgement }) => {
      expect(await judgement()).toEqual({ kind: 'held' });
    });
  });
});

describe.each(WORLDS)('single caches, $world', ({ open }) => {
  let space: Space;
  let node: TestNode;
  let shelf: Shelf;

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

  test.each(CACHES)(
    '$name: of ten readers of a missing entry, however many load it, one ends an expiry',
    async (strategy) => {
      const cache = await openCache(strategy, space, node);
      const openGate = shelf.holdBack();
      const reads = Promise.all(Array.from({ length: 10 }, () => cache.read(0, shelf.load)));
      await shelf.loaded(strategy.guarantees.stampedeProtection === 'none' ? 10 : 1);
      openGate();
      await reads;
      expect(node.telemetry.of('cache.expiries')).toBe(strategy.guarantees.staleness === 'none' ? 0 : 1);
    },
  );

  test('write-through: a change is read on all nodes without a load, and an older one changes nothing', async () => {
    const strategy = REGISTRY.cache['write-through']!;
    const [here, there] = [await openCache(strategy, space, node), await openCache(strategy, space)];
    await here.read(0, shelf.load);
    await here.invalidate(view(3));
    await there.invalidate(view(2));
    for (const cache of [here, there]) expect(await cache.read(0, shelf.load)).toEqual(view(3));
    expect(shelf.loads).toBe(1);
  });

  describe('near', () => {
    const strategy = REGISTRY.cache['near']!;

    test('reads again and again from memory, until another node changes the product', async () => {
      const [here, there] = [await openCache(strategy, space, node), await openCache(strategy, space)];
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

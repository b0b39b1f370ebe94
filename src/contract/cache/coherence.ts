import type { CacheStrategy } from '../../engine/cache/port.ts';
import { type Property, same } from '../property.ts';
import { eventually, openCache, Shelf, view } from './shelf.ts';

/** What is invalidated is not read again, but for a bound that is the time the news takes. */
export const invalidates = ({ guarantees }: CacheStrategy): string | undefined =>
  guarantees.staleness === 'until-ttl' ? 'it promises that only when the entry ends' : undefined;

const newVersion: Property<CacheStrategy> = {
  name: 'after an invalidation the new version is read, on all nodes',
  exempt: invalidates,
  async check(strategy, space) {
    const [here, there] = [await openCache(strategy, space), await openCache(strategy, space)];
    const shelf = new Shelf();
    await here.read(0, shelf.load);
    await there.read(0, shelf.load);
    shelf.product = view(2);
    await here.invalidate(view(2));
    same(await here.read(0, shelf.load), view(2), 'the first read on the node that invalidated');
    await eventually(there, shelf, 2, space);
  },
};

const lateFill: Property<CacheStrategy> = {
  name: 'what was loaded before a change is not served after it, however late it arrives',
  exempt: invalidates,
  async check(strategy, space) {
    const [here, there] = [await openCache(strategy, space), await openCache(strategy, space)];
    const shelf = new Shelf();
    const open = shelf.holdBack();
    const slow = here.read(0, shelf.load);
    await shelf.loaded(1);
    shelf.product = view(2);
    await there.invalidate(view(2));
    open();
    // Its own reader asked before the change, and may be told the old state.
    await slow;
    await eventually(here, shelf, 2, space);
    for (const cache of [here, there, here])
      same(await cache.read(0, shelf.load), view(2), 'a read after the change was seen');
  },
};

const lateInvalidation: Property<CacheStrategy> = {
  name: 'an invalidation that comes late does not let an older state in',
  exempt: invalidates,
  async check(strategy, space) {
    const [cache, shelf] = [await openCache(strategy, space), new Shelf()];
    shelf.product = view(2);
    const open = shelf.holdBack();
    const slow = cache.read(0, shelf.load);
    await shelf.loaded(1);
    shelf.product = view(3);
    await cache.invalidate(view(3));
    await cache.invalidate(view(2));
    open();
    await slow;
    same(await cache.read(0, shelf.load), view(3), 'a read after both invalidations');
  },
};

export const COHERENCE: readonly Property<CacheStrategy>[] = [newVersion, lateFill, lateInvalidation];

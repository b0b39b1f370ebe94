import type { CacheStrategy } from '../../engine/cache/port.ts';
import { failureOf, holds, type Property, same } from '../property.ts';
import { openCache, Shelf, view } from './shelf.ts';

export const keeps = ({ guarantees }: CacheStrategy): string | undefined =>
  guarantees.staleness === 'none' ? 'it keeps nothing' : undefined;

const READERS = 10;

const again: Property<CacheStrategy> = {
  name: 'what is loaded is given again and again, and counted',
  async check(strategy, space) {
    const node = await space.node();
    const [cache, shelf] = [await openCache(strategy, space, node), new Shelf()];
    for (let read = 1; read <= 5; read += 1)
      same(await cache.read(0, shelf.load), view(1), `read ${read} of five`);
    same(node.telemetry.of('cache.reads'), 5, 'the count of cache.reads');
    same(node.telemetry.of('cache.loads'), shelf.loads, 'the count of cache.loads');
    same(node.telemetry.of('cache.hits'), 5 - shelf.loads, 'the count of cache.hits');
  },
};

const apart: Property<CacheStrategy> = {
  name: 'products are kept apart',
  async check(strategy, space) {
    const [cache, shelf] = [await openCache(strategy, space), new Shelf()];
    await cache.read(0, shelf.load);
    const other = { ...view(1), sku: 1 };
    same(await cache.read(1, () => Promise.resolve(other)), other, 'another product');
    same(await cache.read(0, shelf.load), view(1), 'the first product again');
  },
};

const failedLoad: Property<CacheStrategy> = {
  name: 'a failing load fails the read, and is not remembered',
  async check(strategy, space) {
    const [cache, shelf] = [await openCache(strategy, space), new Shelf()];
    const failure = new Error('no database');
    const error = await failureOf(
      cache.read(0, () => Promise.reject(failure)),
      'a read whose load failed',
    );
    holds(causes(error).includes(failure), `a read whose load failed threw something else: ${String(error)}`);
    same(await cache.read(0, shelf.load), view(1), 'the next read');
  },
};

const causes = (error: unknown): unknown[] =>
  error instanceof Error && error.cause !== undefined ? [error, ...causes(error.cause)] : [error];

const stampede: Property<CacheStrategy> = {
  name: 'concurrent readers of a missing entry all get it, for no more loads than promised',
  async check(strategy, space) {
    const node = await space.node();
    const [cache, shelf] = [await openCache(strategy, space, node), new Shelf()];
    const loads = strategy.guarantees.stampedeProtection === 'none' ? READERS : 1;
    const open = shelf.holdBack();
    const reads = Promise.all(Array.from({ length: READERS }, () => cache.read(0, shelf.load)));
    await shelf.loaded(loads);
    open();
    same(
      await reads,
      Array.from({ length: READERS }, () => view(1)),
      'what ten concurrent readers got',
    );
    same(shelf.loads, loads, 'the loads for ten concurrent readers');
    same(node.telemetry.peakLoads, loads, 'the peak of cache.concurrent-loads');
  },
};

const globalStampede: Property<CacheStrategy> = {
  name: 'of readers on two nodes who miss an entry, one loads it',
  exempt: ({ guarantees }) =>
    guarantees.stampedeProtection === 'global' ? undefined : 'it promises nothing between nodes',
  async check(strategy, space) {
    const [here, there] = [await openCache(strategy, space), await openCache(strategy, space)];
    const shelf = new Shelf();
    const open = shelf.holdBack();
    const first = here.read(0, shelf.load);
    await shelf.loaded(1);
    const second = there.read(0, shelf.load);
    open();
    same(await Promise.all([first, second]), [view(1), view(1)], 'what the two readers got');
    same(shelf.loads, 1, 'the loads for both');
  },
};

const oneLoad: Property<CacheStrategy> = {
  name: 'one load is enough for many reads, on all nodes',
  exempt: keeps,
  async check(strategy, space) {
    const [here, there] = [await openCache(strategy, space), await openCache(strategy, space)];
    const shelf = new Shelf();
    for (let read = 0; read < 5; read += 1) await here.read(0, shelf.load);
    same(await there.read(0, shelf.load), view(1), "the other node's read");
    same(shelf.loads, 1, 'the loads for six reads on two nodes');
  },
};

const absent: Property<CacheStrategy> = {
  name: 'that there is no such product is remembered, until there is',
  exempt: keeps,
  async check(strategy, space) {
    const [cache, shelf] = [await openCache(strategy, space), new Shelf()];
    shelf.product = undefined;
    for (let read = 0; read < 3; read += 1)
      same(await cache.read(0, shelf.load), undefined, 'a product that is not there');
    same(shelf.loads, 1, 'the loads of a product that is not there');
    shelf.product = view(1);
    await cache.invalidate(view(1));
    same(await cache.read(0, shelf.load), view(1), 'the product, once it is there');
  },
};

export const LOADING: readonly Property<CacheStrategy>[] = [
  again,
  apart,
  failedLoad,
  stampede,
  globalStampede,
  oneLoad,
  absent,
];

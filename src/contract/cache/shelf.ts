import type { CachePort, CacheStrategy } from '../../engine/cache/port.ts';
import type { ProductView } from '../../engine/types.ts';
import { optionsOf } from '../options.ts';
import { same } from '../property.ts';
import type { ContractNode, Space } from '../space.ts';

export const view = (version: number): ProductView => ({
  sku: 0,
  priceCents: 1_999,
  soldOut: version > 1,
  version,
});

/** A database of one product, whose loads can be held back. */
export class Shelf {
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

/** On a node of its own, unless one is given. */
export const openCache = async (
  strategy: CacheStrategy,
  space: Space,
  node?: ContractNode,
): Promise<CachePort> =>
  // A copy in memory must not go by itself before the news of a change has come.
  strategy.open(optionsOf(strategy, { nearTtlMs: 60_000 }), node ?? (await space.node()));

const LOOKS = 5_000;

/** Looks until `wanted` is seen, and gives the last look: a node may hear of a change later than the one that made it. */
export const soon = async <T>(look: () => Promise<T>, wanted: T, space: Space): Promise<T> => {
  let seen = await look();
  for (let looks = 1; looks < LOOKS && seen !== wanted; looks += 1) {
    await space.turn();
    seen = await look();
  }
  return seen;
};

/** Reads until `version` is seen. */
export const eventually = async (
  cache: CachePort,
  { load }: Shelf,
  version: number,
  space: Space,
): Promise<void> => {
  const seen = await soon(async () => (await cache.read(0, load))?.version, version, space);
  same(seen, version, 'the version that is read after many a look');
};

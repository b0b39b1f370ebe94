import type { Sku } from '../engine/types.ts';
import type { Random } from '../kernel/random.ts';
import { zipfRanks } from './zipf.ts';

/** The products of a scenario and how customers choose among them. */
export interface Catalogue {
  readonly skus: number;
  readonly limitPerUser: number;
  /** A SKU by its popularity; SKU 0 is the most popular. */
  pick(random: Random): Sku;
}

export type Popularity = { readonly kind: 'uniform' } | { readonly kind: 'zipf'; readonly exponent: number };

export interface CatalogueConfig {
  readonly skus: number;
  /** Units of each SKU before the first order. */
  readonly stockPerSku: number;
  /** Units one user may take of one SKU; 0: no limit. */
  readonly limitPerUser: number;
  readonly popularity: Popularity;
}

export const createCatalogue = ({
  skus,
  limitPerUser,
  popularity,
}: Omit<CatalogueConfig, 'stockPerSku'>): Catalogue => {
  if (popularity.kind === 'uniform') return { skus, limitPerUser, pick: (random) => random.integer(skus) };
  const rank = zipfRanks(skus, popularity.exponent);
  return { skus, limitPerUser, pick: (random) => rank(random) - 1 };
};

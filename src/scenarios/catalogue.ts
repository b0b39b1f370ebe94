import type { Sku } from '../engine/types.ts';
import type { Random } from '../kernel/random.ts';

/** The products of a scenario and how customers choose among them. */
export interface Catalogue {
  readonly skus: number;
  readonly limitPerUser: number;
  /** A SKU by its popularity; SKU 0 is the most popular. */
  pick(random: Random): Sku;
}

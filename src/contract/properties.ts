import type { StrategyPort } from '../engine/registry.ts';
import type { StrategyOf } from '../engine/own-strategies.ts';
import { CACHE_PROPERTIES } from './cache.ts';
import { LOCK_PROPERTIES } from './lock.ts';
import type { Property } from './property.ts';
import { QUEUE_PROPERTIES } from './queue.ts';
import { STOCK_PROPERTIES } from './stock.ts';

/** What each port's strategies are held to. */
export const PROPERTIES: {
  readonly [Port in StrategyPort]: readonly Property<StrategyOf<Port>>[];
} = {
  lock: LOCK_PROPERTIES,
  stock: STOCK_PROPERTIES,
  cache: CACHE_PROPERTIES,
  queue: QUEUE_PROPERTIES,
};

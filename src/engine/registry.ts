import type { CacheStrategy } from './cache/port.ts';
import type { LockStrategy } from './lock/port.ts';
import type { QueueStrategy } from './queue/port.ts';
import type { StockStrategy } from './stock/port.ts';

/** Every strategy by its port and the name users type: the only importer of strategies. */
export const REGISTRY: {
  readonly lock: Readonly<Record<string, LockStrategy>>;
  readonly stock: Readonly<Record<string, StockStrategy>>;
  readonly cache: Readonly<Record<string, CacheStrategy>>;
  readonly queue: Readonly<Record<string, QueueStrategy>>;
} = { lock: {}, stock: {}, cache: {}, queue: {} };

export type StrategyPort = keyof typeof REGISTRY;

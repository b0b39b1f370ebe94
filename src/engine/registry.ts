import { aside } from './cache/aside.ts';
import { none as noCache } from './cache/none.ts';
import type { CacheStrategy } from './cache/port.ts';
import { none as noLock } from './lock/none.ts';
import type { LockStrategy } from './lock/port.ts';
import { setnx } from './lock/setnx.ts';
import { token } from './lock/token.ts';
import { confirm } from './queue/confirm.ts';
import { direct } from './queue/direct.ts';
import type { QueueStrategy } from './queue/port.ts';
import { lua } from './stock/lua.ts';
import type { StockStrategy } from './stock/port.ts';
import { readModifyWrite } from './stock/read-modify-write.ts';

/** Every strategy by its port and the name users type: the only importer of strategies. */
export const REGISTRY: {
  readonly lock: Readonly<Record<string, LockStrategy>>;
  readonly stock: Readonly<Record<string, StockStrategy>>;
  readonly cache: Readonly<Record<string, CacheStrategy>>;
  readonly queue: Readonly<Record<string, QueueStrategy>>;
} = {
  lock: { none: noLock, setnx, token },
  stock: { 'read-modify-write': readModifyWrite, lua },
  cache: { none: noCache, aside },
  queue: { direct, confirm },
};

export type StrategyPort = keyof typeof REGISTRY;

import type { RedisReply, Redis } from '../../backends/ports.ts';
import { assert } from '../../kernel/assert.ts';
import type { Namespace } from '../namespace.ts';

/** Where stock strategies on Redis keep a run's numbers, so that any of them is audited alike. */
export interface StockKeys {
  /** Hash: idempotency key -> id of the order that holds it; negative once its units were given back. */
  readonly orders: string;
  /** Hash: SKU -> newest fence it was shown. */
  readonly fences: string;
  /** String: units left. */
  available(sku: number): string;
  /** Hash: user -> units taken. */
  takers(sku: number): string;
}

export const stockKeys = (namespace: Namespace): StockKeys => {
  const prefix = namespace.key('stock');
  return {
    orders: `${prefix}:orders`,
    fences: `${prefix}:fences`,
    available: (sku) => `${prefix}:${sku}`,
    takers: (sku) => `${prefix}:${sku}:takers`,
  };
};

/** Keys per command when a whole catalogue is written or read. */
const CHUNK = 1_000;

export const seedLevels = async (redis: Redis, keys: StockKeys, unitsBySku: readonly number[]) => {
  for (let from = 0; from < unitsBySku.length; from += CHUNK) {
    const pairs = unitsBySku
      .slice(from, from + CHUNK)
      .flatMap((units, i) => [keys.available(from + i), units]);
    await redis.call('MSET', ...pairs);
  }
};

export const readLevels = async (redis: Redis, keys: StockKeys, skus: number): Promise<number[]> => {
  const levels: number[] = [];
  for (let from = 0; from < skus; from += CHUNK) {
    const names = Array.from({ length: Math.min(CHUNK, skus - from) }, (_, i) => keys.available(from + i));
    const reply = await redis.call('MGET', ...names);
    assert(Array.isArray(reply), 'MGET answers with a list');
    levels.push(...reply.map(toCount));
  }
  return levels;
};

/** A number kept in Redis; a missing one is 0. */
export const toCount = (reply: RedisReply | undefined): number => Number(reply ?? 0);

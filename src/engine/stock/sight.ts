import type { Redis } from '../../backends/ports.ts';
import type { PlacedOrder } from '../types.ts';
import { toCount, type StockKeys } from './keys.ts';
import type { ReserveOutcome } from './port.ts';

/** What a strategy that decides in the application has seen of an order's key and, line by line, of its SKUs. */
export interface Sight {
  /** Id of the order that holds the key; negative once it gave its units back, 0 when the key is free. */
  readonly holder: number;
  readonly left: readonly number[];
  /** Units that the user has of each SKU; all 0 without a limit. */
  readonly taken: readonly number[];
}

/** Reads all of it in one round trip. */
export const readSight = async (
  redis: Pick<Redis, 'call'>,
  keys: StockKeys,
  { lines, key, user }: PlacedOrder,
  limitPerUser: number,
): Promise<Sight> => {
  const [holder, ...numbers] = await Promise.all([
    redis.call('HGET', keys.orders, key),
    ...lines.map(({ sku }) => redis.call('GET', keys.available(sku))),
    ...(limitPerUser > 0 ? lines.map(({ sku }) => redis.call('HGET', keys.takers(sku), user)) : []),
  ]);
  return {
    holder: toCount(holder),
    left: lines.map((_, i) => toCount(numbers[i])),
    taken: lines.map((_, i) => toCount(numbers[lines.length + i])),
  };
};

/** Why the order cannot have its units; `undefined`: it can. */
export const refusalOf = (
  { lines }: PlacedOrder,
  { holder, left, taken }: Sight,
  limitPerUser: number,
): ReserveOutcome | undefined => {
  if (holder !== 0) return { kind: 'duplicate', orderId: Math.abs(holder) };
  for (const [i, { sku, units }] of lines.entries()) {
    if (left[i]! < units) return { kind: 'sold-out', sku };
    if (limitPerUser > 0 && taken[i]! + units > limitPerUser) return { kind: 'limit-reached', sku };
  }
  return undefined;
};

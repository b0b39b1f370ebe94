import { z } from 'zod';
import type { PlacedOrder } from '../types.ts';
import { readLevels, seedLevels, stockKeys } from './keys.ts';
import type { StockStrategy } from './port.ts';
import { readSight, refusalOf, type Sight } from './sight.ts';

export const readModifyWrite: StockStrategy<Record<string, never>> = {
  name: 'read-modify-write',
  summary: 'GET, check, SET: safe only while a lock keeps everybody else out',
  page: `Reads what is left, the user's units and the key of the order in one round trip, decides line by line in the application, and writes the new numbers in a second one.

Breaks: anything written between the read and the write is overwritten. Without a lock, two orders read 10 and both write 9: one unit is sold twice. Under a lock it is as safe as the lock.

Costs two round trips, held under the lock. Choose it only as the pair of a lock whose worth is to be measured.`,
  guarantees: { oversellSafe: 'with-lock', idempotent: 'with-lock', givesUp: false },
  uses: ['redis'],
  options: z.strictObject({}),
  open(_options, { redis, namespace, settings }) {
    const keys = stockKeys(namespace);
    const { limitPerUser } = settings;

    const write = (
      { key, user, lines }: PlacedOrder,
      { left, taken }: Sight,
      sign: 1 | -1,
      holder: number | undefined,
    ) =>
      Promise.all([
        ...lines.map(({ sku, units }, i) => redis.call('SET', keys.available(sku), left[i]! - sign * units)),
        ...(limitPerUser > 0
          ? lines.map(({ sku, units }, i) =>
              redis.call('HSET', keys.takers(sku), user, taken[i]! + sign * units),
            )
          : []),
        holder === undefined
          ? redis.call('HDEL', keys.orders, key)
          : redis.call('HSET', keys.orders, key, holder),
      ]);

    return {
      async reserve(order) {
        const sight = await readSight(redis, keys, order, limitPerUser);
        const refusal = refusalOf(order, sight, limitPerUser);
        if (refusal !== undefined) return refusal;
        await write(order, sight, 1, order.orderId);
        return { kind: 'reserved' };
      },
      async restore(order, because) {
        const sight = await readSight(redis, keys, order, limitPerUser);
        if (sight.holder !== order.orderId) return 'not-reserved';
        await write(order, sight, -1, because === 'cancelled' ? -order.orderId : undefined);
        return 'restored';
      },
      seed: (unitsBySku) => seedLevels(redis, keys, unitsBySku),
      levels: () => readLevels(redis, keys, settings.skus),
    };
  },
};

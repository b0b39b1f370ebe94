import { z } from 'zod';
import type { OrderLine, PlacedOrder } from '../types.ts';
import { readLevels, seedLevels, stockKeys, toCount } from './keys.ts';
import type { ReserveOutcome, StockStrategy } from './port.ts';

export const readModifyWrite: StockStrategy<Record<string, never>> = {
  name: 'read-modify-write',
  summary: 'GET, check, SET: safe only while a lock keeps everybody else out',
  page: `Reads what is left, the user's units and the key of the order in one round trip, decides line by line in the application, and writes the new numbers in a second one.

Breaks: anything written between the read and the write is overwritten. Without a lock, two orders read 10 and both write 9: one unit is sold twice. Under a lock it is as safe as the lock.

Costs two round trips, held under the lock. Choose it only as the pair of a lock whose worth is to be measured.`,
  guarantees: { oversellSafe: 'with-lock', idempotent: 'with-lock' },
  uses: ['redis'],
  options: z.strictObject({}),
  open(_options, { redis, namespace, settings }) {
    const keys = stockKeys(namespace);
    const { limitPerUser } = settings;

    const read = async ({ lines, key, user }: PlacedOrder) => {
      const [holder, ...numbers] = await Promise.all([
        redis.call('HGET', keys.orders, key),
        ...lines.map(({ sku }) => redis.call('GET', keys.available(sku))),
        ...(limitPerUser > 0 ? lines.map(({ sku }) => redis.call('HGET', keys.takers(sku), user)) : []),
      ]);
      return {
        holder: toCount(holder),
        lines: lines.map((line, i) => ({
          ...line,
          left: toCount(numbers[i]),
          taken: toCount(numbers[lines.length + i]),
        })),
      };
    };

    const write = (
      { key, user }: PlacedOrder,
      lines: readonly (OrderLine & { left: number; taken: number })[],
      sign: 1 | -1,
      holder: number | undefined,
    ) =>
      Promise.all([
        ...lines.map(({ sku, left, units }) => redis.call('SET', keys.available(sku), left - sign * units)),
        ...(limitPerUser > 0
          ? lines.map(({ sku, taken, units }) =>
              redis.call('HSET', keys.takers(sku), user, taken + sign * units),
            )
          : []),
        holder === undefined
          ? redis.call('HDEL', keys.orders, key)
          : redis.call('HSET', keys.orders, key, holder),
      ]);

    return {
      async reserve(order): Promise<ReserveOutcome> {
        const { holder, lines } = await read(order);
        if (holder !== 0) return { kind: 'duplicate', orderId: Math.abs(holder) };
        for (const { sku, left, taken, units } of lines) {
          if (left < units) return { kind: 'sold-out', sku };
          if (limitPerUser > 0 && taken + units > limitPerUser) return { kind: 'limit-reached', sku };
        }
        await write(order, lines, 1, order.orderId);
        return { kind: 'reserved' };
      },
      async restore(order, because) {
        const { holder, lines } = await read(order);
        if (holder !== order.orderId) return 'not-reserved';
        await write(order, lines, -1, because === 'cancelled' ? -order.orderId : undefined);
        return 'restored';
      },
      seed: (unitsBySku) => seedLevels(redis, keys, unitsBySku),
      levels: () => readLevels(redis, keys, settings.skus),
    };
  },
};

import { z } from 'zod';
import type { Redis } from '../../backends/ports.ts';
import type { PlacedOrder } from '../types.ts';
import { readLevels, seedLevels, stockKeys, type StockKeys } from './keys.ts';
import type { ReserveOutcome, StockStrategy } from './port.ts';
import { restoreByScript } from './restore.ts';
import { RETRY_OPTIONS, retryConflicts } from './retry.ts';
import { readSight, refusalOf, type Sight } from './sight.ts';

const options = z.strictObject(RETRY_OPTIONS);

export const watch: StockStrategy<z.infer<typeof options>> = {
  name: 'watch',
  summary: 'WATCH, GET, MULTI, SET, EXEC: optimistic, tried again when another order came between',
  page: `On a connection of its own, an order watches the units of its SKUs, reads and decides in the application, and writes in a transaction that Redis carries out only if none of the watched numbers has changed. A lost race is tried again after a pause with full jitter, maxRetries times at most; between attempts the connection serves others.

Breaks: on a hot SKU one of all who compete wins a round and the others start again, so the work grows with the square of the crowd: a retry storm. Who runs out of retries is turned away although units may be left. It never oversells.

Costs two round trips for each attempt, and a connection for as long as it lasts: 8 attempts of a node at once. Choose it where orders seldom meet on a SKU and scripts are not allowed.`,
  guarantees: { oversellSafe: 'always', idempotent: 'always', givesUp: true },
  uses: ['redis'],
  options,
  open(retries, context) {
    const { redis, namespace, settings } = context;
    const keys = stockKeys(namespace);
    const attempt = (order: PlacedOrder) =>
      redis.dedicated((connection) => reserveOnce(connection, keys, order, settings.limitPerUser));
    return {
      reserve: (order) => retryConflicts(context, retries, () => attempt(order)),
      // Its writes touch what reservations watch.
      restore: (order, because) => restoreByScript(redis, keys, order, because),
      seed: (unitsBySku) => seedLevels(redis, keys, unitsBySku),
      levels: () => readLevels(redis, keys, settings.skus),
    };
  },
};

type Connection = Pick<Redis, 'call'>;

/**
 * The units alone are watched: the key and the user's units never change without them, as the same key means the same
 * lines.
 */
const reserveOnce = async (
  connection: Connection,
  keys: StockKeys,
  order: PlacedOrder,
  limitPerUser: number,
): Promise<ReserveOutcome> => {
  const [, sight] = await Promise.all([
    connection.call('WATCH', ...order.lines.map(({ sku }) => keys.available(sku))),
    readSight(connection, keys, order, limitPerUser),
  ]);
  const refusal = refusalOf(order, sight, limitPerUser);
  if (refusal !== undefined) return refusal;
  return (await writeIfUnchanged(connection, keys, order, sight, limitPerUser))
    ? { kind: 'reserved' }
    : { kind: 'conflict' };
};

const writeIfUnchanged = async (
  connection: Connection,
  keys: StockKeys,
  { key, orderId, user, lines }: PlacedOrder,
  { left, taken }: Sight,
  limitPerUser: number,
): Promise<boolean> => {
  const replies = await Promise.all([
    connection.call('MULTI'),
    ...lines.map(({ sku, units }, i) => connection.call('SET', keys.available(sku), left[i]! - units)),
    ...(limitPerUser > 0
      ? lines.map(({ sku, units }, i) => connection.call('HSET', keys.takers(sku), user, taken[i]! + units))
      : []),
    connection.call('HSET', keys.orders, key, orderId),
    connection.call('EXEC'),
  ]);
  return replies.at(-1) !== null;
};

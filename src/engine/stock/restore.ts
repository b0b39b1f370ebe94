import type { Redis, RedisScript } from '../../backends/ports.ts';
import type { PlacedOrder } from '../types.ts';
import type { StockKeys } from './keys.ts';
import type { RestoreReason } from './port.ts';

/**
 * KEYS: orders, then (available, takers) of each line. ARGV: key, order id, user, whether the key stays taken (1 or 0),
 * then the units of each line. Answers 1, or 0 when the order does not hold its units.
 */
const RESTORE: RedisScript = {
  name: 'restore',
  lua: `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
for line = 1, #ARGV - 4 do
  redis.call('INCRBY', KEYS[2 * line], ARGV[line + 4])
  if redis.call('HEXISTS', KEYS[2 * line + 1], ARGV[3]) == 1 then
    redis.call('HINCRBY', KEYS[2 * line + 1], ARGV[3], '-' .. ARGV[line + 4])
  end
end
if ARGV[4] == '1' then redis.call('HSET', KEYS[1], ARGV[1], '-' .. ARGV[2]) else redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1`,
};

/** The keys of an order's scripts: orders, then (available, takers) of each line. */
export const orderKeys = (keys: StockKeys, { lines }: PlacedOrder): readonly string[] => {
  const names = [keys.orders];
  for (const { sku } of lines) names.push(keys.available(sku), keys.takers(sku));
  return names;
};

/** Gives units back by one script, whichever strategy took them: its writes are relative, so they overwrite nothing. */
export const restoreByScript = async (
  redis: Redis,
  keys: StockKeys,
  order: PlacedOrder,
  because: RestoreReason,
): Promise<'restored' | 'not-reserved'> => {
  const { key, orderId, user, lines } = order;
  const staysTaken = because === 'cancelled' ? 1 : 0;
  const reply = await redis.run(RESTORE, orderKeys(keys, order), [
    key,
    orderId,
    user,
    staysTaken,
    ...lines.map(({ units }) => units),
  ]);
  return reply === 1 ? 'restored' : 'not-reserved';
};

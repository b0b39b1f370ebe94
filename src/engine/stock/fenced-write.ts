import { z } from 'zod';
import type { RedisScript } from '../../backends/ports.ts';
import { assert } from '../../kernel/assert.ts';
import type { PlacedOrder } from '../types.ts';
import { readLevels, seedLevels, stockKeys, toCount } from './keys.ts';
import type { StockStrategy } from './port.ts';
import { orderKeys, restoreByScript } from './restore.ts';
import { refusalOf, type Sight } from './sight.ts';

/**
 * KEYS: orders, then (available, takers) of each line, then fences. ARGV: fence, key, user, then the SKUs. Shows the
 * fence at every SKU and answers {1, holder, left and taken of each line}, or {0} when one of them has seen a newer one.
 */
const READ: RedisScript = {
  name: 'fenced-read',
  lua: `
local fences = KEYS[#KEYS]
local fence = tonumber(ARGV[1])
local seen = {1, redis.call('HGET', KEYS[1], ARGV[2]) or 0}
for line = 1, #ARGV - 3 do
  if tonumber(redis.call('HGET', fences, ARGV[line + 3]) or 0) > fence then return {0} end
  seen[2 * line + 1] = redis.call('GET', KEYS[2 * line]) or 0
  seen[2 * line + 2] = redis.call('HGET', KEYS[2 * line + 1], ARGV[3]) or 0
end
for line = 1, #ARGV - 3 do redis.call('HSET', fences, ARGV[line + 3], ARGV[1]) end
return seen`,
};

/**
 * KEYS as above. ARGV: fence, key, user, order id, whether there is a limit (1 or 0), then (SKU, units) of each line.
 * Answers 1, or 0 when a newer fence has been shown since the read.
 */
const WRITE: RedisScript = {
  name: 'fenced-write',
  lua: `
local fences = KEYS[#KEYS]
local lines = (#ARGV - 5) / 2
for line = 1, lines do
  if tonumber(redis.call('HGET', fences, ARGV[2 * line + 4]) or 0) > tonumber(ARGV[1]) then return 0 end
end
for line = 1, lines do
  redis.call('DECRBY', KEYS[2 * line], ARGV[2 * line + 5])
  if ARGV[5] == '1' then redis.call('HINCRBY', KEYS[2 * line + 1], ARGV[3], ARGV[2 * line + 5]) end
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4])
return 1`,
};

export const fencedWrite: StockStrategy<Record<string, never>> = {
  name: 'fenced-write',
  summary:
    "read, check, write with the lock's fence: the store refuses a holder that a newer one has overtaken",
  page: `Each SKU remembers the newest fence it was shown. The read shows the holder's fence, the application decides, and the write is refused if a newer fence has been shown in between: the lock was lost, and its new holder may be at work. (Kleppmann, "How to do distributed locking", 2016.) Not only the write counts: a new holder that has only read would otherwise be overtaken by an old one's late write. The write subtracts rather than sets, so that units given back in the meantime stay.

Breaks: a lock whose fences can go back, as a counter in a Redis that loses its last writes does. Needs a lock that gives a fence; without one it is \`read-modify-write\`.

Costs two round trips under the lock; a refused order is asked again by its customer. Choose it as the pair of a fencing lock when the decision cannot move into the store.`,
  guarantees: { oversellSafe: 'with-fence', idempotent: 'with-lock', givesUp: false },
  uses: ['redis'],
  options: z.strictObject({}),
  open(_options, { redis, namespace, settings }) {
    const keys = stockKeys(namespace);
    const { limitPerUser } = settings;
    const scriptKeys = (order: PlacedOrder) => [...orderKeys(keys, order), keys.fences];

    /** `undefined`: a newer fence has been there. */
    const read = async (order: PlacedOrder, fence: number): Promise<Sight | undefined> => {
      const args = [fence, order.key, order.user, ...order.lines.map(({ sku }) => sku)];
      const reply = await redis.run(READ, scriptKeys(order), args);
      assert(Array.isArray(reply), 'the script of the fenced read answers with a list');
      const [current, holder, ...numbers] = reply.map(toCount);
      if (current === 0) return undefined;
      return {
        holder: holder!,
        left: order.lines.map((_, i) => numbers[2 * i]!),
        taken: order.lines.map((_, i) => numbers[2 * i + 1]!),
      };
    };

    const write = (order: PlacedOrder, fence: number) => {
      const lines = order.lines.flatMap(({ sku, units }) => [sku, units]);
      const args = [fence, order.key, order.user, order.orderId, Number(limitPerUser > 0), ...lines];
      return redis.run(WRITE, scriptKeys(order), args);
    };

    return {
      async reserve(order, fence = 0) {
        const sight = await read(order, fence);
        if (sight === undefined) return { kind: 'stale-fence' };
        const refusal = refusalOf(order, sight, limitPerUser);
        if (refusal !== undefined) return refusal;
        return (await write(order, fence)) === 1 ? { kind: 'reserved' } : { kind: 'stale-fence' };
      },
      restore: (order, because) => restoreByScript(redis, keys, order, because),
      seed: (unitsBySku) => seedLevels(redis, keys, unitsBySku),
      levels: () => readLevels(redis, keys, settings.skus),
    };
  },
};

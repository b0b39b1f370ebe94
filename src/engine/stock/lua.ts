import { z } from 'zod';
import type { RedisScript } from '../../backends/ports.ts';
import { assert } from '../../kernel/assert.ts';
import { readLevels, seedLevels, stockKeys } from './keys.ts';
import type { StockStrategy } from './port.ts';
import { orderKeys, restoreByScript } from './restore.ts';
import { outcomeOf } from './script-answer.ts';

/**
 * KEYS: orders, then (available, takers) of each line. ARGV: key, order id, user, limit, then the units of each line.
 * Answers {0}, {1, holder}, {2, line} or {3, line}: reserved, duplicate, sold out, limit reached.
 */
const RESERVE: RedisScript = {
  name: 'reserve',
  lua: `
local holder = redis.call('HGET', KEYS[1], ARGV[1])
if holder then return {1, holder} end
local limit = tonumber(ARGV[4])
for line = 1, #ARGV - 4 do
  local units = tonumber(ARGV[line + 4])
  if tonumber(redis.call('GET', KEYS[2 * line]) or 0) < units then return {2, line} end
  if limit > 0 and tonumber(redis.call('HGET', KEYS[2 * line + 1], ARGV[3]) or 0) + units > limit then return {3, line} end
end
for line = 1, #ARGV - 4 do
  redis.call('DECRBY', KEYS[2 * line], ARGV[line + 4])
  if limit > 0 then redis.call('HINCRBY', KEYS[2 * line + 1], ARGV[3], ARGV[line + 4]) end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return {0}`,
};

export const lua: StockStrategy<Record<string, never>> = {
  name: 'lua',
  summary: 'one script decides and takes: idempotency key, limit per user, stock and reservation together',
  page: `A script looks up the idempotency key, checks the stock and the user's limit, takes the units and records the order under its key. Redis runs it alone, so no other order can come between.

Breaks: a Redis that loses its last writes (failover, rollback) brings sold units back. An order whose event is lost after the script has run leaks its units until somebody reconciles.

Costs one round trip; a hot SKU is bound only by Redis itself. Choose it for flash sales; keep the ledger to reconcile with.`,
  guarantees: { oversellSafe: 'always', idempotent: 'always', givesUp: false },
  uses: ['redis'],
  options: z.strictObject({}),
  open(_options, { redis, namespace, settings }) {
    const keys = stockKeys(namespace);
    return {
      reserve(order) {
        const { key, orderId, user, lines } = order;
        const args = [key, orderId, user, settings.limitPerUser];
        for (const { units } of lines) args.push(units);
        return redis.run(RESERVE, orderKeys(keys, order), args).then((reply) => {
          assert(Array.isArray(reply), 'the reservation script answers with a list');
          return outcomeOf(order, reply[0], reply[1]);
        });
      },
      restore: (order, because) => restoreByScript(redis, keys, order, because),
      seed: (unitsBySku) => seedLevels(redis, keys, unitsBySku),
      levels: () => readLevels(redis, keys, settings.skus),
    };
  },
};

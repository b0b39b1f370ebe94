import { z } from 'zod';
import type { RedisScript } from '../../backends/ports.ts';
import { assert, unreachable } from '../../kernel/assert.ts';
import type { PlacedOrder } from '../types.ts';
import { readLevels, seedLevels, stockKeys } from './keys.ts';
import type { ReserveOutcome, StockStrategy } from './port.ts';

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

/** KEYS as above. ARGV: as above, but whether the key stays taken (1 or 0) in place of the limit. Answers 1, or 0 when
 * the order does not hold its units. */
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

export const lua: StockStrategy<Record<string, never>> = {
  name: 'lua',
  summary: 'one script decides and takes: idempotency key, limit per user, stock and reservation together',
  page: `A script looks up the idempotency key, checks the stock and the user's limit, takes the units and records the order under its key. Redis runs it alone, so no other order can come between.

Breaks: a Redis that loses its last writes (failover, rollback) brings sold units back. An order whose event is lost after the script has run leaks its units until somebody reconciles.

Costs one round trip; a hot SKU is bound only by Redis itself. Choose it for flash sales; keep the ledger to reconcile with.`,
  guarantees: { oversellSafe: 'always', idempotent: 'always' },
  uses: ['redis'],
  options: z.strictObject({}),
  open(_options, { redis, namespace, settings }) {
    const keys = stockKeys(namespace);
    const run = (script: RedisScript, { key, orderId, user, lines }: PlacedOrder, setting: number) =>
      redis.run(
        script,
        [keys.orders, ...lines.flatMap(({ sku }) => [keys.available(sku), keys.takers(sku)])],
        [key, orderId, user, setting, ...lines.map(({ units }) => units)],
      );

    return {
      async reserve(order): Promise<ReserveOutcome> {
        const reply = await run(RESERVE, order, settings.limitPerUser);
        assert(Array.isArray(reply), 'the reservation script answers with a list');
        const code = reply[0] as 0 | 1 | 2 | 3;
        const skuOfLine = () => order.lines[Number(reply[1]) - 1]!.sku;
        switch (code) {
          case 0:
            return { kind: 'reserved' };
          case 1:
            return { kind: 'duplicate', orderId: Math.abs(Number(reply[1])) };
          case 2:
            return { kind: 'sold-out', sku: skuOfLine() };
          case 3:
            return { kind: 'limit-reached', sku: skuOfLine() };
          default:
            return unreachable(code);
        }
      },
      restore: async (order, because) =>
        (await run(RESTORE, order, because === 'cancelled' ? 1 : 0)) === 1 ? 'restored' : 'not-reserved',
      seed: (unitsBySku) => seedLevels(redis, keys, unitsBySku),
      levels: () => readLevels(redis, keys, settings.skus),
    };
  },
};

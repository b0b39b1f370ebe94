import type { Redis, RedisReply, RedisScript } from '../../backends/ports.ts';
import { assert } from '../../kernel/assert.ts';
import type { Namespace } from '../namespace.ts';
import type { PlacedOrder, Sku } from '../types.ts';
import { toCount } from './keys.ts';

/**
 * Takes one line's units from one bucket. KEYS: available, takers, and for an order's first line orders. ARGV: units,
 * user, limit, whether a part will do (1 or 0), then for the first line key, order id, whether it is the only line (1
 * or 0). Answers {0, units} taken; {1, holder} of the key; {2, units there} too few, nothing taken; {3, 0} the limit is
 * reached; {4, units} a part taken. A first line that is not the whole order is recorded under its key as pending: "p".
 */
const TAKE: RedisScript = {
  name: 'take-from-bucket',
  lua: `
local units, limit = tonumber(ARGV[1]), tonumber(ARGV[3])
if KEYS[3] then
  local holder = redis.call('HGET', KEYS[3], ARGV[5])
  if holder then return {1, holder} end
end
local left = tonumber(redis.call('GET', KEYS[1]) or 0)
if left < units and ARGV[4] == '0' then return {2, left} end
if limit > 0 then
  if tonumber(redis.call('HGET', KEYS[2], ARGV[2]) or 0) + units > limit then return {3, 0} end
  redis.call('HINCRBY', KEYS[2], ARGV[2], units)
end
local taken = math.min(left, units)
redis.call('DECRBY', KEYS[1], taken)
if KEYS[3] then
  local whole = taken == units and ARGV[7] == '1'
  redis.call('HSET', KEYS[3], ARGV[5], (whole and '' or 'p') .. ARGV[6])
end
return {taken == units and 0 or 4, taken}`,
};

/** KEYS: available. ARGV: units. Takes as many of them as there are, and answers how many. */
const TAKE_SOME: RedisScript = {
  name: 'take-some-from-bucket',
  lua: `
local taken = math.min(tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[1]))
redis.call('DECRBY', KEYS[1], taken)
return taken`,
};

/**
 * Gives an order's first line back. KEYS: available, takers, orders. ARGV: units, user, limit, key, order id, whether the
 * key stays taken (1 or 0). Answers 1, or 0 when the order does not hold its units.
 */
const RELEASE: RedisScript = {
  name: 'release-to-bucket',
  lua: `
if redis.call('HGET', KEYS[3], ARGV[4]) ~= ARGV[5] then return 0 end
redis.call('INCRBY', KEYS[1], ARGV[1])
if tonumber(ARGV[3]) > 0 then redis.call('HINCRBY', KEYS[2], ARGV[2], '-' .. ARGV[1]) end
if ARGV[6] == '1' then redis.call('HSET', KEYS[3], ARGV[4], '-' .. ARGV[5]) else redis.call('HDEL', KEYS[3], ARGV[4]) end
return 1`,
};

export type Taking =
  | { readonly kind: 'taken' | 'part' | 'short'; readonly units: number }
  /** `undefined`: the order that holds the key is not settled yet. */
  | { readonly kind: 'held'; readonly holder: number | undefined }
  | { readonly kind: 'limit-reached' };

const PENDING = 'p';

const takingOf = (reply: RedisReply): Taking => {
  assert(Array.isArray(reply), 'the script that takes from a bucket answers with a list');
  const [code, units] = reply.map(toCount);
  if (code === 1) {
    const pending = String(reply[1]).startsWith(PENDING);
    return { kind: 'held', holder: pending ? undefined : Math.abs(units!) };
  }
  if (code === 3) return { kind: 'limit-reached' };
  return { kind: code === 0 ? 'taken' : code === 2 ? 'short' : 'part', units: units! };
};

/** The buckets of a run's SKUs. Each has a hash slot of its own, so no script and no command joins two of them. */
export class Buckets {
  readonly count: number;
  readonly #redis: Redis;
  readonly #namespace: Namespace;
  readonly #limitPerUser: number;

  constructor(redis: Redis, namespace: Namespace, count: number, limitPerUser: number) {
    this.#redis = redis;
    this.#namespace = namespace;
    this.count = count;
    this.#limitPerUser = limitPerUser;
  }

  /** The bucket at which a user begins: the high bits of a multiplicative hash (Knuth, TAOCP 3, 6.4). */
  homeOf(user: number): number {
    return Math.floor(((Math.imul(user, 0x9e3779b1) >>> 0) / 2 ** 32) * this.count);
  }

  /** Takes a line's units at its home; with its first line the order claims its key. */
  async takeAtHome(order: PlacedOrder, lineIndex: number, partWillDo: boolean): Promise<Taking> {
    const { key, orderId, user, lines } = order;
    const { sku, units } = lines[lineIndex]!;
    const home = this.homeOf(user);
    const names = [this.#available(sku, home), this.#takers(sku, home)];
    const args = [units, user, this.#limitPerUser, Number(partWillDo)];
    const claims = lineIndex === 0;
    return takingOf(
      await this.#redis.run(
        TAKE,
        claims ? [...names, this.#orders(sku, home)] : names,
        claims ? [...args, key, orderId, Number(lines.length === 1)] : args,
      ),
    );
  }

  async takeSome(sku: Sku, bucket: number, units: number): Promise<number> {
    return toCount(await this.#redis.run(TAKE_SOME, [this.#available(sku, bucket)], [units]));
  }

  /** The order has all its units: its key is no longer pending. */
  async settle({ key, orderId, user, lines }: PlacedOrder): Promise<void> {
    await this.#redis.call('HSET', this.#orders(lines[0]!.sku, this.homeOf(user)), key, orderId);
  }

  async unclaim({ key, user, lines }: PlacedOrder): Promise<void> {
    await this.#redis.call('HDEL', this.#orders(lines[0]!.sku, this.homeOf(user)), key);
  }

  /** Gives the first line's units back, and with them the right to give back the others. */
  async release({ key, orderId, user, lines }: PlacedOrder, keyStaysTaken: boolean): Promise<boolean> {
    const { sku, units } = lines[0]!;
    const home = this.homeOf(user);
    const names = [this.#available(sku, home), this.#takers(sku, home), this.#orders(sku, home)];
    const args = [units, user, this.#limitPerUser, key, orderId, Number(keyStaysTaken)];
    return (await this.#redis.run(RELEASE, names, args)) === 1;
  }

  async giveBack(sku: Sku, bucket: number, units: number): Promise<void> {
    await this.#redis.call('INCRBY', this.#available(sku, bucket), units);
  }

  async uncount(user: number, sku: Sku, units: number): Promise<void> {
    if (this.#limitPerUser > 0)
      await this.#redis.call('HINCRBY', this.#takers(sku, this.homeOf(user)), user, -units);
  }

  /** Units in each bucket of a SKU. */
  levels(sku: Sku): Promise<readonly number[]> {
    return Promise.all(
      Array.from({ length: this.count }, async (_, bucket) =>
        toCount(await this.#redis.call('GET', this.#available(sku, bucket))),
      ),
    );
  }

  /** Shares a SKU's units out. */
  async fill(sku: Sku, units: number): Promise<void> {
    const share = Math.floor(units / this.count);
    await Promise.all(
      Array.from({ length: this.count }, (_, bucket) =>
        this.#redis.call('SET', this.#available(sku, bucket), share + Number(bucket < units % this.count)),
      ),
    );
  }

  #available(sku: Sku, bucket: number): string {
    return this.#namespace.key(`stock:${sku}:${bucket}`, `${sku}.${bucket}`);
  }

  #takers(sku: Sku, bucket: number): string {
    return `${this.#available(sku, bucket)}:takers`;
  }

  /** The keys of orders whose first line this is, and whose users begin here. */
  #orders(sku: Sku, bucket: number): string {
    return `${this.#available(sku, bucket)}:orders`;
  }
}

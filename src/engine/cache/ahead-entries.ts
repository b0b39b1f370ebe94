import type { Redis, RedisScript } from '../../backends/ports.ts';
import type { ProductView, Sku } from '../types.ts';
import { encode, LONGEST_LOAD_MS, type Entries } from './entries.ts';

/** KEYS: entry, mark. ARGV: entry, token, ttl. The mark goes when the entry does. */
const PUT: RedisScript = {
  name: 'put-ahead',
  lua: `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])`,
};

/**
 * KEYS: entry, floor, mark. ARGV: version, how long to remember it, entry, ttl, token. What is committed takes the
 * entry's place, but for another writer's change that is ahead of it, and for a newer state that is committed too.
 */
const SETTLE: RedisScript = {
  name: 'settle-ahead',
  lua: `
local newest = tonumber(ARGV[1]) >= tonumber(redis.call('GET', KEYS[2]) or 0)
if newest then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
local mark = redis.call('GET', KEYS[3])
if mark and mark ~= ARGV[5] then return 0 end
redis.call('DEL', KEYS[3])
if newest then
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
elseif mark then
  redis.call('DEL', KEYS[1])
end
return 1`,
};

/** KEYS: entry, mark. ARGV: token. */
const DISCARD: RedisScript = {
  name: 'discard-ahead',
  lua: `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1], KEYS[2])`,
};

/** Of whoever has put nothing ahead. */
const NO_TOKEN = '';

/**
 * Entries that are ahead of the database, among those of `Entries`. A mark beside such an entry says whose change it
 * shows; the floor is of committed versions alone, so that a change that never gets there keeps no later one out.
 */
export class AheadEntries {
  readonly #entries: Entries;
  readonly #redis: Redis;

  constructor(entries: Entries, redis: Redis) {
    this.#entries = entries;
    this.#redis = redis;
  }

  /** Shows `view` before the database has it, for no longer than `lifeMs`. */
  async put(view: ProductView, lifeMs: number, token: string): Promise<void> {
    const { entry, mark } = this.#keys(view.sku);
    await this.#redis.run(PUT, [entry, mark], [encode(view), token, lifeMs]);
  }

  /** `changed` is committed. `token`: of the change that was put ahead of it, if one was. */
  async settle(changed: ProductView, lifeMs: number, token = NO_TOKEN): Promise<void> {
    const { entry, floor, mark } = this.#keys(changed.sku);
    const args = [changed.version, LONGEST_LOAD_MS, encode(changed), lifeMs, token];
    await this.#redis.run(SETTLE, [entry, floor, mark], args);
  }

  /** What was put ahead is not what the database has now: the next reader loads. */
  async discard(sku: Sku, token = NO_TOKEN): Promise<void> {
    const { entry, mark } = this.#keys(sku);
    await this.#redis.run(DISCARD, [entry, mark], [token]);
  }

  #keys(sku: Sku) {
    const [entry, floor] = this.#entries.keys(sku);
    return { entry, floor, mark: `${entry}:ahead` };
  }
}

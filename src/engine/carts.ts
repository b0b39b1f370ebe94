import type { RedisScript } from '../backends/ports.ts';
import { assert } from '../kernel/assert.ts';
import type { EngineContext } from './strategy.ts';
import type { OrderLine } from './types.ts';

/** KEYS: the cart. Reads it and empties it. */
const TAKE: RedisScript = {
  name: 'take-cart',
  lua: `
local lines = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return lines`,
};

const LIFE_MS = 30 * 60_000;

/** Carts in Redis: a hash of SKU -> units per user, gone half an hour after the last change. */
export class Carts {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  async add(user: number, { sku, units }: OrderLine): Promise<void> {
    const { redis } = this.#context;
    const key = this.#key(user);
    await Promise.all([redis.call('HINCRBY', key, sku, units), redis.call('PEXPIRE', key, LIFE_MS)]);
  }

  async take(user: number): Promise<readonly OrderLine[]> {
    const fields = await this.#context.redis.run(TAKE, [this.#key(user)], []);
    assert(Array.isArray(fields), 'HGETALL answers with a list');
    const lines = Array.from({ length: fields.length / 2 }, (_, i) => ({
      sku: Number(fields[2 * i]),
      units: Number(fields[2 * i + 1]),
    }));
    return lines.toSorted((a, b) => a.sku - b.sku);
  }

  #key(user: number): string {
    return this.#context.namespace.key(`cart:${user}`);
  }
}

import { z } from 'zod';
import type { RedisScript } from '../../backends/ports.ts';
import type { Random } from '../../kernel/random.ts';
import type { EngineContext } from '../strategy.ts';
import type { ProductView, Sku } from '../types.ts';

const lifeMs = z.int().min(10).max(86_400_000);

/** The options of every strategy whose entries end by themselves. */
export const lifeOptions = {
  ttlMs: lifeMs.default(30_000).describe('how long an entry lives'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('share of ttlMs taken off at random, so that entries do not expire together'),
  negativeTtlMs: lifeMs.default(1_000).describe('how long it is remembered that a product does not exist'),
};

export interface LifeOptions {
  readonly ttlMs: number;
  readonly jitter: number;
  readonly negativeTtlMs: number;
}

/** Milliseconds that a new entry for `view` lives. */
export const lifeOf = (
  view: ProductView | undefined,
  { ttlMs, jitter, negativeTtlMs }: LifeOptions,
  random: Random,
): number => (view ? Math.ceil(ttlMs * (1 - jitter * random.next())) : negativeTtlMs);

/** A load that takes longer than this may fill an old value after all, for the life of one entry. */
export const LONGEST_LOAD_MS = 30_000;

/**
 * KEYS: entry, floor. ARGV: entry, version, ttl, what was left of the entry that the reader saw. Keeps out what was
 * loaded before the last invalidation. Answers 0: it did; 1: it ends an expiry; 2: there is an entry that came after.
 */
const FILL: RedisScript = {
  name: 'fill',
  lua: `
if tonumber(ARGV[2]) < tonumber(redis.call('GET', KEYS[2]) or 0) then return 0 end
if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[4]) then return 2 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`,
};

/** Of an entry that is not there, as PTTL has it. */
const NONE_LEFT_MS = -2;

/** KEYS: entry, floor. ARGV: version, how long to remember it. */
const INVALIDATE: RedisScript = {
  name: 'invalidate',
  lua: `
if tonumber(ARGV[1]) >= tonumber(redis.call('GET', KEYS[2]) or 0) then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
return redis.call('DEL', KEYS[1])`,
};

/** KEYS: entry, floor. ARGV: version, how long to remember it, entry, ttl. Keeps out what an older writer brings late. */
const REPLACE: RedisScript = {
  name: 'replace',
  lua: `
if tonumber(ARGV[1]) < tonumber(redis.call('GET', KEYS[2]) or 0) then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1`,
};

export interface Entry {
  readonly view: ProductView | undefined;
  /** How long its load took, where the strategy keeps that. */
  readonly loadMs: number;
}

export interface AgedEntry extends Entry {
  /** Time to its end, by Redis's own clock; 0 or less: it has just ended. */
  readonly leftMs: number;
}

export const encode = (view: ProductView | undefined, loadMs = 0): string =>
  JSON.stringify([view ?? null, loadMs]);

const decode = (text: string): Entry => {
  const [view, loadMs] = JSON.parse(text) as [ProductView | null, number];
  return { view: view ?? undefined, loadMs };
};

type Context = Pick<EngineContext, 'redis' | 'namespace' | 'telemetry'>;

/**
 * Product pages in Redis. Beside each entry an invalidation leaves the version behind as a floor, so that a reader
 * who loaded before the change cannot fill the old state afterwards.
 */
export class Entries {
  /** What the keys of all products begin with. */
  readonly prefix: string;
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
    this.prefix = context.namespace.key('product:');
  }

  key(sku: Sku): string {
    return `${this.prefix}${sku}`;
  }

  /** The product that a key with our prefix belongs to. */
  skuOf(key: string): Sku {
    return Number.parseInt(key.slice(this.prefix.length), 10);
  }

  async find(sku: Sku): Promise<Entry | undefined> {
    const text = await this.#context.redis.call('GET', this.key(sku));
    return typeof text === 'string' ? decode(text) : undefined;
  }

  async findAged(sku: Sku): Promise<AgedEntry | undefined> {
    const { redis } = this.#context;
    const [text, leftMs] = await Promise.all([
      redis.call('GET', this.key(sku)),
      redis.call('PTTL', this.key(sku)),
    ]);
    return typeof text === 'string' ? { ...decode(text), leftMs: Number(leftMs) } : undefined;
  }

  /**
   * `false`: what was loaded is older than the last change. `seen`: the entry that was there, if the reader saw one.
   * Whoever is the first to fill after an entry's end, by whatever means it ended, has it counted: one load had to be.
   */
  async fill(
    sku: Sku,
    view: ProductView | undefined,
    lifeMs: number,
    { loadMs = 0, seen }: { readonly loadMs?: number; readonly seen?: AgedEntry | undefined } = {},
  ): Promise<boolean> {
    const { redis, telemetry } = this.#context;
    const args = [encode(view, loadMs), view?.version ?? 0, lifeMs, seen?.leftMs ?? NONE_LEFT_MS];
    const answer = await redis.run(FILL, this.keys(sku), args);
    if (answer === 1) telemetry.count('cache.expiries');
    return answer !== 0;
  }

  /** Removes the entry. */
  async invalidate({ sku, version }: ProductView): Promise<void> {
    await this.#context.redis.run(INVALIDATE, this.keys(sku), [version, LONGEST_LOAD_MS]);
  }

  /** Puts the new state in the entry's place, unless a newer one is known. */
  async replace(changed: ProductView, lifeMs: number): Promise<void> {
    const args = [changed.version, LONGEST_LOAD_MS, encode(changed), lifeMs];
    await this.#context.redis.run(REPLACE, this.keys(changed.sku), args);
  }

  /** The entry's own key, and that of its floor. */
  keys(sku: Sku): readonly [entry: string, floor: string] {
    const entry = this.key(sku);
    return [entry, `${entry}:floor`];
  }
}

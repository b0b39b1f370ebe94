import { z } from 'zod';
import type { RedisScript } from '../../backends/ports.ts';
import type { ProductView } from '../types.ts';
import { countedLoads } from './loads.ts';
import type { CacheStrategy } from './port.ts';

const options = z.strictObject({
  ttlMs: z.int().min(10).max(86_400_000).default(30_000).describe('how long an entry lives'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('share of ttlMs taken off at random, so that entries do not expire together'),
  negativeTtlMs: z
    .int()
    .min(10)
    .max(86_400_000)
    .default(1_000)
    .describe('how long it is remembered that a product does not exist'),
});

/** A load that takes longer than this may fill an old value after all, for the life of one entry. */
const LONGEST_LOAD_MS = 30_000;

/** The cached answer "there is no such product". */
const ABSENT = 'null';

/** KEYS: entry, floor. ARGV: value, version, ttl. Keeps out what was loaded before the last invalidation. */
const FILL: RedisScript = {
  name: 'fill',
  lua: `
if tonumber(ARGV[2]) < tonumber(redis.call('GET', KEYS[2]) or 0) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`,
};

/** KEYS: entry, floor. ARGV: version, how long to remember it. */
const INVALIDATE: RedisScript = {
  name: 'invalidate',
  lua: `
if tonumber(ARGV[1]) >= tonumber(redis.call('GET', KEYS[2]) or 0) then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
return redis.call('DEL', KEYS[1])`,
};

export const aside: CacheStrategy<z.infer<typeof options>> = {
  name: 'aside',
  summary: 'look in Redis; on a miss load from PostgreSQL and fill; the writer commits, then deletes',
  page: `A read asks Redis; a miss loads from the database and fills the entry with a jittered time to live. A writer commits first and deletes the entry after. The delete leaves the version behind as a floor, so that a reader who loaded before the commit cannot fill the old value afterwards.

Breaks: when a hot entry expires, every reader that misses loads it: a stampede, seen as the peak of concurrent loads.

Costs one round trip per hit. Choose it as the plain default.`,
  guarantees: { staleness: 'bounded-by-invalidation', stampedeProtection: 'none' },
  uses: ['redis', 'postgres'],
  options,
  open({ ttlMs, jitter, negativeTtlMs }, { redis, namespace, random, telemetry }) {
    const entryKey = (sku: number) => namespace.key(`product:${sku}`);
    const floorKey = (sku: number) => namespace.key(`product:${sku}:floor`);
    const counted = countedLoads(telemetry);

    const loadAndFill = async (sku: number, load: () => Promise<ProductView | undefined>) => {
      const view = await counted(load);
      const lifeMs = view ? Math.ceil(ttlMs * (1 - jitter * random.next())) : negativeTtlMs;
      const value = view ? JSON.stringify(view) : ABSENT;
      await redis.run(FILL, [entryKey(sku), floorKey(sku)], [value, view?.version ?? 0, lifeMs]);
      return view;
    };

    return {
      async read(sku, load) {
        telemetry.count('cache.reads');
        const cached = await redis.call('GET', entryKey(sku));
        if (typeof cached !== 'string') return loadAndFill(sku, load);
        telemetry.count('cache.hits');
        return cached === ABSENT ? undefined : (JSON.parse(cached) as ProductView);
      },
      async invalidate(sku, version) {
        await redis.run(INVALIDATE, [entryKey(sku), floorKey(sku)], [version, LONGEST_LOAD_MS]);
      },
    };
  },
};

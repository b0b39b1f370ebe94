import { z } from 'zod';
import { BackendError, type RedisScript } from '../../backends/ports.ts';
import { sleep } from '../../kernel/clock.ts';
import type { ProductView, Sku } from '../types.ts';
import { Entries, lifeOptions } from './entries.ts';
import { Flights } from './flights.ts';
import type { CacheStrategy, LoadView } from './port.ts';
import { refiller } from './read-through.ts';

const options = z.strictObject({
  ...lifeOptions,
  leaseMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(2_000)
    .describe('how long one node may take to fill an entry before the others no longer wait for it'),
});

const FIRST_LOOK_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** KEYS: entry, lease. ARGV: token, lease in ms. Answers 1: the caller fills; 0: it is there, or another fills it. */
const LEASE: RedisScript = {
  name: 'lease-fill',
  lua: `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`,
};

/** KEYS: lease. ARGV: token. */
const END_LEASE: RedisScript = {
  name: 'end-fill-lease',
  lua: `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`,
};

export const singleFlight: CacheStrategy<z.infer<typeof options>> = {
  name: 'single-flight',
  summary: 'read-through; of all who miss an entry, on all nodes, one loads it and the others wait',
  page: `Readers of one node who miss the same entry share one load. Before it loads, a node takes a lease for the entry in Redis; a node that does not get it looks for the entry again, after 2 ms and then ever later, until it is there or the lease is over. The lease is that of Facebook's memcache (Nishtala et al., "Scaling Memcache at Facebook", 2013). Writers commit, then delete the entry and leave its version behind as a floor.

Breaks: a node that dies with the lease holds up the entry's readers for as long as the lease lasts. A database that is slower than the lease is asked more than once.

Costs one round trip per hit, three more per miss, and waiting for somebody else's load. Choose it where a hot entry's expiry must not hit the database.`,
  guarantees: {
    staleness: 'bounded-by-invalidation',
    stampedeProtection: 'global',
    acknowledgedAfter: 'commit',
  },
  uses: ['redis', 'postgres'],
  options,
  open({ leaseMs, ...life }, context) {
    const { redis, clock, random, telemetry, node } = context;
    const entries = new Entries(context);
    const flights = new Flights();
    const refill = refiller(entries, life, context);

    const endLease = async (lease: string, token: string) => {
      try {
        await redis.run(END_LEASE, [lease], [token]);
      } catch (error) {
        // It ends by itself, and the reader has an answer all the same.
        if (!(error instanceof BackendError)) throw error;
      }
    };

    /** The entry as another node fills it, or what this node loads when it is its turn, or when it is tired of waiting. */
    const fly = async (sku: Sku, load: LoadView): Promise<ProductView | undefined> => {
      const key = entries.key(sku);
      const lease = `${key}:lease`;
      const token = `${node}:${random.integer(2 ** 32)}`;
      const giveUpMs = clock.now() + leaseMs;
      for (
        let pauseMs = FIRST_LOOK_MS;
        clock.now() < giveUpMs;
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      ) {
        if ((await redis.run(LEASE, [key, lease], [token, leaseMs])) === 1) {
          try {
            return await refill(sku, load);
          } finally {
            await endLease(lease, token);
          }
        }
        const entry = await entries.find(sku);
        if (entry !== undefined) return entry.view;
        await sleep(clock, pauseMs);
      }
      return refill(sku, load);
    };

    return {
      async read(sku, load) {
        telemetry.count('cache.reads');
        const entry = await entries.find(sku);
        if (entry === undefined) return flights.join(sku, () => fly(sku, load));
        telemetry.count('cache.hits');
        return entry.view;
      },
      invalidate(changed) {
        flights.part(changed.sku);
        return entries.invalidate(changed);
      },
    };
  },
};

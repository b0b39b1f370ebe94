import { z } from 'zod';
import { BackendError } from '../../backends/ports.ts';
import type { Sku } from '../types.ts';
import { type AgedEntry, Entries, lifeOptions } from './entries.ts';
import { Flights } from './flights.ts';
import type { CacheStrategy, LoadView } from './port.ts';
import { refiller } from './read-through.ts';

const options = z.strictObject({
  ...lifeOptions,
  ttlMs: lifeOptions.ttlMs.describe('how long an entry is fresh'),
  staleMs: z
    .int()
    .min(10)
    .max(86_400_000)
    .default(30_000)
    .describe('how much longer it may be served while it is loaded anew'),
  refreshMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(1_000)
    .describe('a product is loaded anew at most once in this time, by one of all nodes'),
  refreshes: z
    .int()
    .min(1)
    .max(1_000)
    .default(16)
    .describe('products that a node loads anew at once at most'),
});

export const swr: CacheStrategy<z.infer<typeof options>> = {
  name: 'swr',
  summary: 'stale while revalidate: an entry past its soft time to live is served, and loaded anew behind it',
  page: `An entry has two times to live. Until the soft one it is fresh. Until the hard one it is stale: readers still have it at once, and one of them, on one of the nodes, has it loaded anew in the background. Only when it is gone do readers wait, those of one node for one load. Time is Redis's own. The name is that of the HTTP directive (RFC 5861). Writers commit, then delete the entry and leave its version behind as a floor, so that a change is not served stale.

Breaks: a change that is never announced is seen late, at the first read after the soft time to live and not before. An entry that nobody reads for long is missed like any other.

Costs two commands in one round trip per hit, and background loads that no customer waits for. Choose it where the tail of the read latency matters most.`,
  guarantees: {
    staleness: 'bounded-by-invalidation',
    stampedeProtection: 'per-node',
    acknowledgedAfter: 'commit',
  },
  uses: ['redis', 'postgres'],
  options,
  open({ staleMs, refreshMs, refreshes, ...life }, context) {
    const { redis, telemetry } = context;
    const entries = new Entries(context);
    const flights = new Flights();
    const refill = refiller(entries, life, context, staleMs);
    const refreshing = new Set<Sku>();

    const refresh = async (sku: Sku, load: LoadView, seen: AgedEntry) => {
      refreshing.add(sku);
      try {
        const turn = await redis.call('SET', `${entries.key(sku)}:refresh`, 1, 'NX', 'PX', refreshMs);
        if (turn !== null) await flights.join(sku, () => refill(sku, load, seen));
      } catch (error) {
        // The entry is still there, and a later reader tries again.
        if (!(error instanceof BackendError)) throw error;
      } finally {
        refreshing.delete(sku);
      }
    };

    return {
      async read(sku, load) {
        telemetry.count('cache.reads');
        const entry = await entries.findAged(sku);
        if (entry === undefined) return flights.join(sku, () => refill(sku, load));
        telemetry.count('cache.hits');
        const stale = entry.view !== undefined && entry.leftMs <= staleMs;
        if (stale && !refreshing.has(sku) && refreshing.size < refreshes) void refresh(sku, load, entry);
        return entry.view;
      },
      invalidate(changed) {
        flights.part(changed.sku);
        return entries.invalidate(changed);
      },
    };
  },
};

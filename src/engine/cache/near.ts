import { z } from 'zod';
import type { KeyTracking } from '../../backends/ports.ts';
import { Entries, lifeOptions } from './entries.ts';
import { Flights } from './flights.ts';
import { NearEntries } from './near-entries.ts';
import type { CacheStrategy } from './port.ts';
import { refiller } from './read-through.ts';

const options = z.strictObject({
  ...lifeOptions,
  nearTtlMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(1_000)
    .describe('how long a node keeps a copy at most, also when it hears of no change'),
  nearEntries: z.int().min(1).max(1_000_000).default(10_000).describe('copies that a node keeps at most'),
});

export const near: CacheStrategy<z.infer<typeof options>> = {
  name: 'near',
  summary: "a copy in each node's memory before Redis, dropped when Redis tells the node of a change",
  page: `A read looks in its node's own memory first, then in Redis, then loads from the database, once for all readers of the node who wait. Redis tells every node of each change to an entry (CLIENT TRACKING in broadcasting mode, over a connection of its own), and the node drops its copy. The least recently read copies go first, and none outlives nearTtlMs. A copy that was on its way from Redis while its product changed is not kept. A node that loses that connection drops all copies and keeps none until it hears of changes again. Writers commit, then delete the entry in Redis and leave its version behind as a floor.

Breaks: between a change and its news, a few milliseconds or less, a node serves the old page. A connection that hangs without breaking brings no news: then nearTtlMs is the bound.

Costs no round trip per hit in memory, one connection per node, and a message to every node per change and per fill. Choose it for few products that everybody looks at.`,
  guarantees: {
    staleness: 'bounded-by-invalidation',
    stampedeProtection: 'per-node',
    acknowledgedAfter: 'commit',
  },
  uses: ['redis', 'postgres'],
  options,
  open({ nearTtlMs, nearEntries, ...life }, context) {
    const { redis, clock, telemetry } = context;
    const entries = new Entries(context);
    const flights = new Flights();
    const refill = refiller(entries, life, context);
    const copies = new NearEntries(clock, { capacity: nearEntries, ttlMs: nearTtlMs });
    let tracking: Promise<KeyTracking> | undefined;

    const onChange = (key: string | undefined) => {
      if (key === undefined) copies.dropAll();
      else copies.drop(entries.skuOf(key));
    };

    /** From the first read on. When it cannot begin, the next read tries again. */
    const track = () =>
      (tracking ??= redis.track(entries.prefix, onChange).catch((error: unknown) => {
        tracking = undefined;
        throw error;
      }));

    return {
      async read(sku, load) {
        telemetry.count('cache.reads');
        // None is there while changes are not heard of: losing the news has dropped them.
        const copy = copies.find(sku);
        if (copy !== undefined) {
          telemetry.count('cache.hits');
          telemetry.count('cache.near-hits');
          return copy.view;
        }
        const { active } = await track();
        const find = () => entries.find(sku);
        const entry = active ? await copies.fetch(sku, find) : await find();
        if (entry === undefined) return flights.join(sku, () => refill(sku, load));
        telemetry.count('cache.hits');
        return entry.view;
      },
      async invalidate(changed) {
        flights.part(changed.sku);
        try {
          await entries.invalidate(changed);
        } finally {
          copies.drop(changed.sku);
        }
      },
    };
  },
};

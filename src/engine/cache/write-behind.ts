import { z } from 'zod';
import { BackendError } from '../../backends/ports.ts';
import type { ProductView, Sku } from '../types.ts';
import { AheadEntries } from './ahead-entries.ts';
import { Entries, lifeOf, lifeOptions } from './entries.ts';
import { PendingWrites } from './pending-writes.ts';
import type { CacheStrategy, LoadView } from './port.ts';
import { readAside } from './read-through.ts';

const options = z.strictObject({
  ...lifeOptions,
  flushMs: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('how long a change waits for the database, and how long after a failure it is tried again'),
  tries: z
    .int()
    .min(1)
    .max(20)
    .default(5)
    .describe('how often a change is tried before it is given up as lost'),
  maxPending: z
    .int()
    .min(1)
    .max(10_000)
    .default(1_000)
    .describe('products of a node with a change on its way at most; writers of further ones wait'),
});

export const writeBehind: CacheStrategy<z.infer<typeof options>> = {
  name: 'write-behind',
  summary:
    'a change is acknowledged when it is in the entry, and written to the database later: it may be lost',
  page: `A read asks Redis; a miss loads from the database and fills the entry. A writer puts its change into the entry, marks it as its own and is answered: all nodes read it from then on. The node writes it to the database after flushMs, of several changes of a product the last one alone, and puts the committed state in the entry's place. Until then its own readers have the change also when the entry is gone.

Breaks: a node that dies takes along what it had acknowledged and not yet written; the others show it until the entry ends, after ttlMs at the latest, and then the old page again. Changes of two nodes may reach the database in the other order than they were acknowledged, and then the older one stays; nodes may see different pages until the last of them is written. A database that fails tries times in a row loses the change, counted as cache.lost-writes. An entry that ends before its change is written shows the old page on the other nodes until it is.

Costs one round trip per hit, two more per change and a third after its commit; a page that changes often is written once in flushMs. It is here to show what it loses, and for pages alone: stock, orders and the ledger never pass it. Choose another wherever a change has to last.`,
  guarantees: {
    staleness: 'bounded-by-invalidation',
    stampedeProtection: 'none',
    acknowledgedAfter: 'entry',
  },
  uses: ['redis', 'postgres'],
  options,
  open({ flushMs, tries, maxPending, ...life }, context) {
    const { redis, random, node } = context;
    const entries = new Entries(context);
    const ahead = new AheadEntries(entries, redis);
    const readEntry = readAside(entries, life, context);

    const settle = (changed: ProductView, token?: string) =>
      ahead.settle(changed, lifeOf(changed, life, random), token);

    const pending = new PendingWrites(
      context,
      { flushMs, tries, maxPending },
      async ({ view, token }, committed) => {
        try {
          await (committed === undefined ? ahead.discard(view.sku, token) : settle(committed, token));
        } catch (error) {
          // The entry and its mark end by themselves.
          if (!(error instanceof BackendError)) throw error;
        }
      },
    );

    const withOwn = async (sku: Sku, find: LoadView): Promise<ProductView | undefined> => {
      // What is written meanwhile may be missing in what was found before.
      const before = pending.find(sku);
      const view = await find();
      const own = (pending.find(sku) ?? before)?.view;
      return own !== undefined && own.version > (view?.version ?? 0) ? own : view;
    };

    return {
      read: (sku, load) => withOwn(sku, () => readEntry(sku, load)),
      invalidate: (changed) => settle(changed),
      async write({ sku, soldOut }, { load, commit }) {
        // A writer is no reader, and is not counted as one.
        const seen = await withOwn(sku, async () => {
          const entry = await entries.find(sku);
          return entry === undefined ? load() : entry.view;
        });
        if (seen === undefined) {
          const changed = await commit();
          if (changed !== undefined) await settle(changed);
          return;
        }
        let view = seen;
        let token = pending.find(sku)?.token;
        if (seen.soldOut !== soldOut) {
          view = { ...seen, soldOut, version: seen.version + 1 };
          token = `${node}:${random.integer(2 ** 32)}`;
          await ahead.put(view, lifeOf(view, life, random), token);
        }
        await pending.add({ view, token, commit });
      },
      settle: () => pending.settled(),
    };
  },
};

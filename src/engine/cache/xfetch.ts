import { z } from 'zod';
import { type AgedEntry, Entries, lifeOptions } from './entries.ts';
import { Flights } from './flights.ts';
import type { CacheStrategy } from './port.ts';
import { refiller } from './read-through.ts';

const options = z.strictObject({
  ...lifeOptions,
  beta: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe(
      'how eagerly an entry is loaded before its end: 1 is the optimum of the paper, more is earlier',
    ),
});

export const xfetch: CacheStrategy<z.infer<typeof options>> = {
  name: 'xfetch',
  summary: 'a read may load an entry before its end, by chance: the likelier, the nearer the end',
  page: `An entry remembers how long its load took. Each read draws how much ahead of the end it looks, that time multiplied by beta and by an exponentially distributed number; a reader who looks past the end loads the entry anew, while the others still have the old one. Readers of one node share their load. The algorithm and its proof of optimality are of Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", PVLDB 8(8), 2015. Writers commit, then delete the entry and leave its version behind as a floor.

Breaks: an entry that was deleted, or that nobody read near its end, is loaded by one reader on each node at once. Early loads that nobody needed are wasted.

Costs two commands in one round trip per read, and somewhat more loads. Choose it against stampedes on hot entries where nobody shall wait for another node.`,
  guarantees: {
    staleness: 'bounded-by-invalidation',
    stampedeProtection: 'per-node',
    acknowledgedAfter: 'commit',
  },
  uses: ['redis', 'postgres'],
  options,
  open({ beta, ...life }, context) {
    const { random, telemetry } = context;
    const entries = new Entries(context);
    const flights = new Flights();
    const refill = refiller(entries, life, context);

    const isDue = ({ leftMs, loadMs }: AgedEntry) => leftMs <= loadMs * beta * -Math.log(1 - random.next());

    return {
      async read(sku, load) {
        telemetry.count('cache.reads');
        const entry = await entries.findAged(sku);
        if (entry === undefined || isDue(entry)) return flights.join(sku, () => refill(sku, load, entry));
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

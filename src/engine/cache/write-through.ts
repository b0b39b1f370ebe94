import { z } from 'zod';
import { Entries, lifeOf, lifeOptions } from './entries.ts';
import type { CacheStrategy } from './port.ts';
import { readAside } from './read-through.ts';

const options = z.strictObject(lifeOptions);

export const writeThrough: CacheStrategy<z.infer<typeof options>> = {
  name: 'write-through',
  summary: 'the writer commits, then puts the new state in the entry: a change causes no miss',
  page: `A read asks Redis; a miss loads from the database and fills the entry. A writer commits first and then writes the state it has committed into the entry. Both are guarded by the version: a slower writer with an older state, and a reader who loaded before the change, are refused.

Breaks: a writer that dies between its commit and its write leaves the old entry until its time to live ends. A hot entry that expires is loaded by every reader that misses.

Costs one round trip per hit and per change, and room for entries that nobody reads. Choose it where changes are followed by many reads, as of the page that has just sold out.`,
  guarantees: {
    staleness: 'bounded-by-invalidation',
    stampedeProtection: 'none',
    acknowledgedAfter: 'commit',
  },
  uses: ['redis', 'postgres'],
  options,
  open(life, context) {
    const entries = new Entries(context);
    return {
      read: readAside(entries, life, context),
      invalidate: (changed) => entries.replace(changed, lifeOf(changed, life, context.random)),
    };
  },
};

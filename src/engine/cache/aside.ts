import { z } from 'zod';
import { Entries, lifeOptions } from './entries.ts';
import type { CacheStrategy } from './port.ts';
import { readAside } from './read-through.ts';

const options = z.strictObject(lifeOptions);

export const aside: CacheStrategy<z.infer<typeof options>> = {
  name: 'aside',
  summary: 'look in Redis; on a miss load from PostgreSQL and fill; the writer commits, then deletes',
  page: `A read asks Redis; a miss loads from the database and fills the entry with a jittered time to live. A writer commits first and deletes the entry after. The delete leaves the version behind as a floor, so that a reader who loaded before the commit cannot fill the old value afterwards.

Breaks: when a hot entry expires, every reader that misses loads it: a stampede, seen as the peak of concurrent loads.

Costs one round trip per hit. Choose it as the plain default.`,
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
      invalidate: (changed) => entries.invalidate(changed),
    };
  },
};

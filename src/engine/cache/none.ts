import { z } from 'zod';
import { countedLoads } from './loads.ts';
import type { CacheStrategy } from './port.ts';

export const none: CacheStrategy<Record<string, never>> = {
  name: 'none',
  summary: 'no cache: every product page is read from PostgreSQL',
  page: `Every read loads the product from the ledger's database: always fresh, and the baseline for what a cache is worth.

Breaks: the database carries the whole read load, 20 reads and more for each order of a flash sale.

Costs one query per read. Choose it as the baseline.`,
  guarantees: { staleness: 'none', stampedeProtection: 'none', acknowledgedAfter: 'commit' },
  uses: ['postgres'],
  options: z.strictObject({}),
  open(_options, { telemetry }) {
    const counted = countedLoads(telemetry);
    return {
      read(_sku, load) {
        telemetry.count('cache.reads');
        return counted(load);
      },
      invalidate: () => Promise.resolve(),
    };
  },
};

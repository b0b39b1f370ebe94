import { z } from 'zod';
import { lockByLease } from './lease.ts';
import type { LockStrategy } from './port.ts';

const options = z.strictObject({
  ttlMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe('expiry set by a second command after SETNX; 0: none, as in the plain recipe'),
});

export const setnx: LockStrategy<z.infer<typeof options>> = {
  name: 'setnx',
  summary: 'SETNX key 1, work, DEL key: the recipe of many articles, without an owner',
  page: `SETNX creates the key if it is not there; the holder works and deletes it.

Breaks: a holder that crashes before DEL stalls its SKU for ever. With an expiry (ttlMs) a holder that overruns it loses the lock without noticing, a second enters, and the first one's DEL then frees the second one's lock: two and more holders at once.

Costs two Redis commands per order, three with an expiry, and a wait for every contended SKU. Choose it to see what the recipe is worth; choose \`token\` to use it.`,
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: false, fair: false, wakesWaiters: false },
  uses: ['redis'],
  options,
  open({ ttlMs }, context) {
    const { redis } = context;
    return lockByLease(context, {
      async tryAcquire(key) {
        if ((await redis.call('SETNX', key, 1)) !== 1) return undefined;
        if (ttlMs > 0) await redis.call('PEXPIRE', key, ttlMs);
        return {
          fence: undefined,
          validForMs: ttlMs > 0 ? ttlMs : Infinity,
          release: async () => ((await redis.call('DEL', key)) === 1 ? 'released' : 'expired'),
        };
      },
    });
  },
};

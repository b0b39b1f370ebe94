import { z } from 'zod';
import { lockByLease } from './lease.ts';
import { leaseOfOwnedKeys, setIfFree } from './owned-keys.ts';
import type { LockStrategy } from './port.ts';
import { Renewals } from './renewals.ts';

const options = z.strictObject({
  ttlMs: z
    .int()
    .min(30)
    .max(3_600_000)
    .default(10_000)
    .describe('length of the lease, renewed at every third of it'),
});

export const watchdog: LockStrategy<z.infer<typeof options>> = {
  name: 'watchdog',
  summary: 'token whose holder renews the lease for as long as it works, and knows when that failed',
  page: `Takes the key as \`token\` does; then a compare-and-PEXPIRE renews the lease every ttlMs/3 while the holder works. When the token is gone, or no renewal got through until the lease was over, the holder knows: an order that has not been published yet is called off and its units go back.

Breaks: a blocked event loop stops the renewals with the work, so a pause longer than ttlMs still makes two holders, and the holder sees it only after it. A holder that hangs renews for ever and stalls its SKU.

Costs what \`token\` costs, and one script for every third of a lease that is held so long. Choose it when the work's duration varies more than a fixed lease allows for.`,
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: true, fair: false, wakesWaiters: true },
  uses: ['redis'],
  options,
  open({ ttlMs }, context) {
    const lease = leaseOfOwnedKeys(context, ttlMs, setIfFree(context, ttlMs));
    const renewals = new Renewals(context, ttlMs);
    return lockByLease(context, {
      ...lease,
      async tryAcquire(key) {
        const taken = await lease.tryAcquire(key);
        if (taken === undefined) return undefined;
        const renewed = renewals.begin(key, taken.token, taken.validForMs);
        return {
          fence: undefined,
          // Renewed for as long as it is held; `isLost` says when that is no longer so.
          validForMs: Infinity,
          isLost: () => renewals.isLost(renewed),
          release() {
            renewals.end(renewed);
            return taken.release();
          },
        };
      },
    });
  },
};

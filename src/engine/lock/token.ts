import { z } from 'zod';
import { lockByLease } from './lease.ts';
import { leaseOfOwnedKeys, setIfFree } from './owned-keys.ts';
import type { LockStrategy } from './port.ts';
import { ttlOption } from './ttl-option.ts';

const options = z.strictObject({
  ttlMs: ttlOption.describe('length of the lease'),
});

export const token: LockStrategy<z.infer<typeof options>> = {
  name: 'token',
  summary:
    'SET key token NX PX ttl, released by compare-and-delete: the single-master lock of the Redis manual',
  page: `SET NX PX takes the key with a token of the holder's own and an expiry; a script deletes it only if the token is still there, and publishes the release to wake those who wait. (Redis manual, "Distributed Locks with Redis", single instance.)

Breaks: a holder paused for longer than ttlMs, a failover before replication and a jump of the server's clock each make two holders. The release answers \`expired\` then, which the report counts: every one is a possible oversell.

Costs two Redis commands per order and the wait. Choose it with a conditional stock behind it, or where a rare double entry is harmless.`,
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: true, fair: false, wakesWaiters: true },
  uses: ['redis'],
  options,
  open: ({ ttlMs }, context) =>
    lockByLease(context, leaseOfOwnedKeys(context, ttlMs, setIfFree(context, ttlMs))),
};

import { z } from 'zod';
import { AdvisoryTransactions } from './advisory-transactions.ts';
import type { LockStrategy } from './port.ts';

const options = z.strictObject({
  connections: z
    .int()
    .min(1)
    .max(100)
    .default(8)
    .describe('connections of a node for its locks: orders that hold one or are next to hold one'),
});

export const pgAdvisory: LockStrategy<z.infer<typeof options>> = {
  name: 'pg-advisory',
  summary: "PostgreSQL's advisory locks on the SKUs, in a transaction that stays open while they are held",
  page: `A transaction takes \`pg_advisory_xact_lock\` on a hash of each SKU, in their order, and stays open until the order is published: its end gives all of them back. Whoever waits is woken by the server, which serves the nodes first come, first served; the tasks of a node take turns before, so that a hot SKU costs a node one connection and not one for each customer. A number that PostgreSQL draws from a sequence once the locks are had is the fence, for a stock that checks it. (PostgreSQL manual, "Explicit Locking", advisory locks.)

Breaks: pool exhaustion. An order keeps a connection for as long as it holds its locks, beside those that its stock and its events need, so these are \`connections\` of their own: when all are taken, an order waits and is at last contended. It protects from those who ask for the same lock, and from nobody else. A connection that is lost frees its locks while the holder still works, and the server cuts off a transaction that is idle for a minute: the release answers \`expired\`, and a stock that checks the fence refuses the late write. A failover to a standby that lags, or a crash of the server just as it draws one, may give numbers out twice.

Costs two round trips per order (begin and lock in one packet, then commit) and a connection meanwhile; more than a lock in Redis. Choose it when PostgreSQL is there anyway and orders of one SKU are few, or when there is no Redis to trust.`,
  guarantees: { mutualExclusion: 'fenced', survivesCrash: true, fair: false, wakesWaiters: true },
  uses: ['postgres'],
  options,
  open: ({ connections }, context) => new AdvisoryTransactions(context, connections),
};

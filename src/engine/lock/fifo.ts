import { z } from 'zod';
import { FifoQueue } from './fifo-queue.ts';
import { lockKeyByKey } from './key-by-key.ts';
import type { LockStrategy } from './port.ts';

const options = z.strictObject({
  ttlMs: z
    .int()
    .min(10)
    .max(3_600_000)
    .default(10_000)
    .describe('length of the lease: a holder that died is replaced after it'),
});

export const fifo: LockStrategy<z.infer<typeof options>> = {
  name: 'fifo',
  summary: 'first come, first served over all nodes: each release hands the lock to the longest waiter',
  page: `Whoever finds the lock taken draws a ticket into a queue in Redis. The release, one script, takes the first ticket, makes it the holder with a lease of its own and a new fence, and publishes the grant to the node that waits: nobody asks in vain, and the lock is never free while somebody waits. (The idea of queue locks, Mellor-Crummey and Scott, 1991, with a lease.) The fence grows with every acquisition over all keys, for a stock that checks it.

A waiter that died is passed over: its wait is over, or its node no longer listens. A holder that died is replaced when its lease is over, by whichever waiter asks next; each asks four times a second, which also finds a grant that was lost on its way. A grant carries the server's time, so that a node that was paused knows what is left of the lease.

Breaks: a holder paused for longer than ttlMs, a failover or a rollback make two holders, as with \`token\`; a stock that checks the fence refuses the late one. A node that hangs without losing its connection holds up the queue by one lease for each of its tickets that comes up.

Costs two scripts per order, however many wait, and one message per hand-off. Choose it for hot SKUs, where polling locks starve somebody.`,
  guarantees: { mutualExclusion: 'fenced', survivesCrash: true, fair: true, wakesWaiters: true },
  uses: ['redis'],
  options,
  open: ({ ttlMs }, context) => lockKeyByKey(context.clock, new FifoQueue(context, ttlMs).acquire),
};

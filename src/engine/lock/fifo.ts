import { z } from 'zod';
import { FifoQueue } from './fifo-queue.ts';
import { lockKeyByKey } from './key-by-key.ts';
import type { LockStrategy } from './port.ts';
import { ttlOption } from './ttl-option.ts';

const options = z.strictObject({
  ttlMs: ttlOption.describe('length of the lease: a holder that died is replaced after it'),
});

export const fifo: LockStrategy<z.infer<typeof options>> = {
  name: 'fifo',
  summary: 'first come, first served over all nodes: each release hands the lock to the longest waiter',
  page: `Whoever finds the lock taken draws a ticket into a queue in Redis. The release, one script, gives the lock to the first ticket, with a lease and a fence, and tells the node that waits: nobody asks in vain, and the lock is never free while somebody stands in the queue. (The idea of queue locks, Mellor-Crummey and Scott, 1991, with a lease.) Tasks of one node that follow each other in the queue, up to 64, are given the lock together as a run: each hands it to the next within the node, without Redis, as long as half of the lease is left. The order stays that of arrival, to within 10 ms: behind three others of their node, those who come while it holds the lock, or still waits for it, draw one ticket together, when the lock leaves the node or after 10 ms. Every holder's fence is newer than all before it at its key, for a stock that checks it.

A waiter that died is passed over: its wait is over, or its node no longer listens. A holder that died is replaced when its lease is over, by whichever waiter asks next: each asks four times a second, which also finds a grant that was lost on its way. A grant carries the server's time, so that a node that was paused knows what is left of the lease.

Breaks: a holder paused for longer than what is left of its lease (half of ttlMs or more), a failover or a rollback make two holders, as with \`token\`; a stock that checks the fence refuses the late one. A lease lost within a run is seen at the run's end, by its last release. A node that hangs without losing its connection holds up the queue by one lease for each of its runs.

Costs one script per order, or per crowd that draws one ticket, and one per run, however many wait. Choose it for hot SKUs, where polling locks starve somebody.`,
  guarantees: { mutualExclusion: 'fenced', survivesCrash: true, fair: true, wakesWaiters: true },
  uses: ['redis'],
  options,
  open: ({ ttlMs }, context) => lockKeyByKey(context.clock, new FifoQueue(context, ttlMs).acquire),
};

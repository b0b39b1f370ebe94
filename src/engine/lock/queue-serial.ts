import { z } from 'zod';
import { lockKeyByKey } from './key-by-key.ts';
import type { LockStrategy } from './port.ts';
import { queueOfKey } from './queue-of-key.ts';
import { SerialNode } from './serial-node.ts';
import { ttlOption } from './ttl-option.ts';

const MOST_QUEUES = 64;

const options = z.strictObject({
  queues: z
    .int()
    .min(1)
    .max(MOST_QUEUES)
    .default(MOST_QUEUES)
    .describe('queues that the SKUs are spread over; SKUs of one queue wait for each other'),
  ttlMs: ttlOption.describe('length of the lease: a holder that died is replaced after it'),
});

const queueName = (index: number): string => `lock.${index}`;

export const queueSerial: LockStrategy<z.infer<typeof options>> = {
  name: 'queue-serial',
  summary:
    'orders of one SKU stand in one RabbitMQ queue, whose single active consumer lets them in one at a time',
  page: `Each order publishes a ticket to the queue of its SKU. The queue has a single active consumer, with a prefetch of 1: one node, the first that asked, gets the ticket at its head, keeps it unacknowledged and grants the lock to the node that sent it, over that node's own queue. The release, or the end of the lease, lets it acknowledge, and the broker brings the next: orders are served in the order in which they came. (RabbitMQ manual, "Consumers", single active consumer.) SKUs are hashed onto \`queues\` queues; an order of several takes its queues in their order.

When the node that serves is lost, the broker brings the same ticket to another, which grants it again: the holder holds on, and has its release go there. So a ticket that was delivered before, and may be a holder's, keeps its place until it is released, or for a lease. A waiter that died is passed over, as its node's queue has gone with it. The queue cannot be asked whether it is empty: no wait is shorter than 250 ms.

Breaks: a holder paused for longer than ttlMs makes two, as with \`token\`. A broker that restarts forgets who holds, as tickets are not on its disk, and nobody is told. There is no fence: put a conditional stock behind it. The release answers \`expired\` when the lease is over, or when the node that served has gone and nobody can tell; the lease runs on the clocks of two nodes, which may differ by 1 % of it. A node that hangs while it serves stops its queues for all, until it goes on or the broker misses its heartbeat; one that hangs while it waits holds them up by a lease for each of its tickets. One that is cut off as its turn comes is passed over. SKUs that share a queue wait for each other.

Costs one message per order on the node that serves, and three on the others: ticket, grant and release. Choose it to see what a queue is worth as a lock; \`fifo\` serves in the same order, with a fence, and faster on real servers.`,
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: true, fair: true, wakesWaiters: true },
  uses: ['rabbitmq'],
  creates: { exchanges: [], queues: Array.from({ length: MOST_QUEUES }, (_, index) => queueName(index)) },
  options,
  open({ queues, ttlMs }, context) {
    const { clock, namespace } = context;
    // The same in every run.
    const prefixLength = namespace.key('').length;
    const lock = lockKeyByKey(clock, new SerialNode(context, ttlMs).acquire);
    const names = Array.from({ length: queues }, (_, index) => namespace.queue(queueName(index)));
    const queueOf = (key: string) => names[queueOfKey(key.slice(prefixLength), queues)]!;
    return {
      acquire: (request) =>
        lock.acquire({ ...request, keys: [...new Set(request.keys.map(queueOf))].toSorted() }),
    };
  },
};

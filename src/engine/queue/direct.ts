import { z } from 'zod';
import type { QueueStrategy } from './port.ts';

export const direct: QueueStrategy<Record<string, never>> = {
  name: 'direct',
  summary: 'no queue: the request writes the ledger itself and waits for the commit',
  page: `The event is one INSERT into PostgreSQL, and the customer waits for its commit.

Breaks: the ledger's latency and its outages are the shop's; bursts meet the connection pool.

Costs one transaction per event. Choose it as the baseline that a queue must beat, and wherever the load allows it: nothing is simpler to reason about.`,
  guarantees: { delivery: 'synchronous', acceptedAfter: 'commit' },
  uses: ['postgres'],
  creates: { exchanges: [], queues: [] },
  options: z.strictObject({}),
  open(_options, { ledger, telemetry, clock }) {
    return {
      declare: () => Promise.resolve(),
      async publish(event) {
        await ledger.append([event]);
        telemetry.count('queue.delivered');
        telemetry.count('queue.settled');
        telemetry.count('queue.in-time');
        telemetry.record('persist.lag', (clock.epoch() - event.atMs) * 1_000);
        return { kind: 'accepted' };
      },
      subscribe: () => Promise.resolve(() => Promise.resolve()),
      backlog: () => Promise.resolve({ waiting: 0, deadLettered: 0 }),
    };
  },
};

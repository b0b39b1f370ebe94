import {
  event as eventAt,
  type NOTHING,
  numbers,
  openSubject,
  type Subject,
} from '../../src/contract/queue/subject.ts';
import type { Space } from '../../src/contract/space.ts';
import type { QueuePort, QueueStrategy } from '../../src/engine/queue/port.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import { hastyClock } from './clocks.ts';

export { NOTHING, ordersIn, publishAll, type Subject } from '../../src/contract/queue/subject.ts';

export const event = (orderId: number, ...units: readonly number[]) => eventAt(hastyClock, orderId, ...units);
export const events = (count: number) => numbers(count).map((orderId) => event(orderId));

/** A strategy opened on a node of its own; `changes` take the place of what the node would be given. */
export const openQueue = (
  space: Space,
  strategy: QueueStrategy,
  changes: Partial<EngineContext> = {},
  options: Record<string, unknown> = {},
): Promise<Subject> => openSubject(strategy, space, { options, changes: () => changes });

/** The backlog, once it is as expected, or after many a look. */
export const backlogOf = async (queue: QueuePort, until: typeof NOTHING) => {
  let backlog = await queue.backlog();
  // A broker counts what is given back, and what it passes on, a moment later.
  for (let look = 0; look < 1_000 && JSON.stringify(backlog) !== JSON.stringify(until); look += 1)
    backlog = await queue.backlog();
  return backlog;
};

/** Takes the strategy's queues away from the broker. */
export const removeQueues = ({ namespace }: Space, { creates }: QueueStrategy, { node }: Subject) =>
  node.broker.remove({
    exchanges: [],
    queues: creates.queues.map((name) => namespace.queue(name)),
  });

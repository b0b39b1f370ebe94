import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { OrderEvent } from '../types.ts';
import type { EventPublishOutcome, QueuePort } from './port.ts';

/** The options of strategies that may put several events into one message. */
export const batchOptions = {
  eventsPerMessage: z
    .int()
    .min(1)
    .max(1_000)
    .default(1)
    .describe('events of one node that share a message and its confirm at most'),
  lingerMs: z
    .int()
    .min(0)
    .max(1_000)
    .default(0)
    .describe('how long a message that is not full waits for more events; 0: for those of the same turn'),
};

interface BatchOptions {
  readonly eventsPerMessage: number;
  readonly lingerMs: number;
}

/** Gathers events that are published at about the same time: they are sent together, and share their outcome. */
export const inBatches = (
  { eventsPerMessage, lingerMs }: BatchOptions,
  clock: Clock,
  send: (events: readonly OrderEvent[]) => Promise<EventPublishOutcome>,
): QueuePort['publish'] => {
  if (eventsPerMessage === 1) return (event) => send([event]);
  let filling: { readonly events: OrderEvent[]; readonly outcome: Promise<EventPublishOutcome> } | undefined;
  let depart = () => {};

  const begin = () => {
    const departure = new Promise<void>((resolve) => {
      const cancel = clock.schedule(lingerMs, () => depart());
      depart = () => {
        cancel();
        filling = undefined;
        resolve();
      };
    });
    const events: OrderEvent[] = [];
    return { events, outcome: departure.then(() => send(events)) };
  };

  return (event) => {
    const { events, outcome } = (filling ??= begin());
    if (events.push(event) === eventsPerMessage) depart();
    return outcome;
  };
};

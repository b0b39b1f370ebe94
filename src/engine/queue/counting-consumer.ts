import type { Consumer, Delivery } from '../../backends/ports.ts';
import type { EngineContext } from '../strategy.ts';

/** Takes what a queue has and counts it: a subscriber whose work is not ours. */
export const countDeliveries = async (
  { broker, clock, telemetry }: EngineContext,
  queue: string,
  prefetch: number,
): Promise<() => Promise<void>> => {
  let unanswered: Delivery | undefined;

  const consumer: Consumer = await broker.consume(queue, { prefetch }, (delivery) => {
    telemetry.count('queue.notified');
    // One answer for all deliveries of this turn of the loop.
    if (unanswered === undefined) clock.schedule(0, answer);
    unanswered = delivery;
  });

  const answer = () => {
    if (unanswered !== undefined) consumer.ack(unanswered, true);
    unanswered = undefined;
  };

  return async () => {
    answer();
    await consumer.cancel();
  };
};

import { z } from 'zod';
import { BackendError, type Consumer, type Delivery } from '../../backends/ports.ts';
import { sleep } from '../../kernel/clock.ts';
import type { OrderEvent } from '../types.ts';
import { decodeEvents } from './event-codec.ts';
import type { QueueContext } from './port.ts';

/** The options of every strategy whose consumers write the ledger. */
export const consumerOptions = {
  prefetch: z.int().min(1).max(65_535).default(1_000).describe('unacknowledged deliveries per node at most'),
  batchSize: z.int().min(1).max(5_000).default(500).describe('events per ledger write at most'),
  deadlineMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(1_000)
    .describe('an event in the ledger within this time counts as delivered in time'),
};

export interface ConsumerOptions {
  readonly prefetch: number;
  /** A single message with more events is a batch of its own. */
  readonly batchSize: number;
  /** A delivery after this long no longer counts as in time (for the model's Q). */
  readonly deadlineMs: number;
}

interface Arrival {
  readonly delivery: Delivery;
  /** `undefined`: nothing that we can read. */
  readonly events: readonly OrderEvent[] | undefined;
}

const ATTEMPTS = 7;
const FIRST_RETRY_MS = 50;

/** What cannot be read counts as one event. */
const eventCount = ({ events }: Arrival): number => events?.length ?? 1;
const totalEvents = (arrivals: readonly Arrival[]): number =>
  arrivals.reduce((total, arrival) => total + eventCount(arrival), 0);

/**
 * Moves events from a queue into the ledger: what has arrived while the last batch was written is the next batch;
 * it is acknowledged after its commit. A batch that the ledger keeps refusing is parked by dead-lettering.
 */
export const consumeIntoLedger = async (
  { broker, ledger, telemetry, clock }: QueueContext,
  queue: string,
  options: ConsumerOptions,
): Promise<() => Promise<void>> => {
  const stopping = new AbortController();
  let pending: Arrival[] = [];
  let writing: Promise<void> | undefined;

  const consumer: Consumer = await broker.consume(queue, { prefetch: options.prefetch }, (delivery) => {
    if (stopping.signal.aborted) return;
    const arrival = { delivery, events: decodeEvents(delivery.body) };
    telemetry.count('queue.delivered', eventCount(arrival));
    if (delivery.redelivered) telemetry.count('queue.redelivered', eventCount(arrival));
    pending.push(arrival);
    writing ??= writeAll();
  });

  const writeAll = async () => {
    // What else arrives in this turn of the loop joins the first batch.
    await sleep(clock, 0);
    while (pending.length > 0) await writeBatch(takeBatch());
    writing = undefined;
  };

  const takeBatch = (): readonly Arrival[] => {
    let taken = 1;
    for (let events = eventCount(pending[0]!); taken < pending.length; taken += 1) {
      events += eventCount(pending[taken]!);
      if (events > options.batchSize) break;
    }
    const batch = pending.slice(0, taken);
    pending = pending.slice(taken);
    return batch;
  };

  const writeBatch = async (batch: readonly Arrival[]) => {
    const good = batch.flatMap(({ events }) => events ?? []);
    const appended = await appendWithRetries(good);
    // Unanswered, the batch goes back to the queue when the consumer ends.
    if (appended === 'stopped') return;
    if (appended === 'written') {
      record(good);
      park(batch.filter(({ events }) => events === undefined));
      const lastGood = batch.findLast(({ events }) => events !== undefined);
      if (lastGood) consumer.ack(lastGood.delivery, true);
    } else {
      park(batch);
    }
    telemetry.count('queue.settled', totalEvents(batch));
  };

  const appendWithRetries = async (
    events: readonly OrderEvent[],
  ): Promise<'written' | 'refused' | 'stopped'> => {
    for (let attempt = 1, pauseMs = FIRST_RETRY_MS; ; attempt += 1, pauseMs *= 2) {
      try {
        await ledger.append(events);
        return 'written';
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        if (attempt === ATTEMPTS) return 'refused';
        if ((await sleep(clock, pauseMs, stopping.signal)) === 'aborted') return 'stopped';
      }
    }
  };

  const park = (batch: readonly Arrival[]) => {
    for (const { delivery } of batch) consumer.reject(delivery, false);
    telemetry.count('queue.dead-lettered', totalEvents(batch));
  };

  const record = (events: readonly OrderEvent[]) => {
    const now = clock.epoch();
    for (const { atMs } of events) {
      telemetry.record('persist.lag', (now - atMs) * 1_000);
      if (now - atMs <= options.deadlineMs) telemetry.count('queue.in-time');
    }
  };

  return async () => {
    stopping.abort();
    pending = [];
    await writing;
    await consumer.cancel();
  };
};

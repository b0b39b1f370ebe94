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

/** Batches on their way to the ledger at once. */
const WRITERS = 2;

interface Batch {
  readonly arrivals: readonly Arrival[];
  readonly good: readonly OrderEvent[];
  /** `undefined` while it is on its way. */
  fate?: Fate;
}

type Fate = { readonly kind: 'written'; readonly atMs: number } | { readonly kind: 'refused' | 'stopped' };

/** What cannot be read counts as one event. */
const eventCount = ({ events }: Arrival): number => events?.length ?? 1;
const totalEvents = (arrivals: readonly Arrival[]): number =>
  arrivals.reduce((total, arrival) => total + eventCount(arrival), 0);

/**
 * Moves events from a queue into the ledger: what has arrived while the last batch was written is the next batch;
 * it is acknowledged after its commit, and after those before it. A batch that the ledger keeps refusing is parked by
 * dead-lettering.
 */
export const consumeIntoLedger = async (
  { broker, ledger, telemetry, clock }: QueueContext,
  queue: string,
  options: ConsumerOptions,
): Promise<() => Promise<void>> => {
  const stopping = new AbortController();
  let pending: Arrival[] = [];
  let pendingEvents = 0;
  const writers = new Set<Promise<void>>();
  let underWay = 0;
  /** In the order of their deliveries. */
  const unanswered: Batch[] = [];

  const consumer: Consumer = await broker.consume(queue, { prefetch: options.prefetch }, (delivery) => {
    if (stopping.signal.aborted) return;
    const arrival = { delivery, events: decodeEvents(delivery.body) };
    const count = eventCount(arrival);
    telemetry.count('queue.delivered', count);
    if (delivery.redelivered) telemetry.count('queue.redelivered', count);
    pending.push(arrival);
    pendingEvents += count;
    if (writers.size === 0 || (writers.size < WRITERS && pendingEvents >= options.batchSize)) {
      const writer = writeAll().finally(() => writers.delete(writer));
      writers.add(writer);
    }
  });

  /** Beside a batch that is under way, only a full one gains anything. */
  const isDue = () => pending.length > 0 && (underWay === 0 || pendingEvents >= options.batchSize);

  const writeAll = async () => {
    // What else arrives in this turn of the loop joins the first batch.
    await sleep(clock, 0);
    while (isDue()) {
      const batch = takeBatch();
      underWay += 1;
      batch.fate = await appendWithRetries(batch.good);
      underWay -= 1;
      answer();
    }
  };

  const takeBatch = (): Batch => {
    let taken = 1;
    let events = eventCount(pending[0]!);
    for (; taken < pending.length; taken += 1) {
      const more = eventCount(pending[taken]!);
      if (events + more > options.batchSize) break;
      events += more;
    }
    const arrivals = pending.slice(0, taken);
    pending = pending.slice(taken);
    pendingEvents -= events;
    const batch = { arrivals, good: arrivals.flatMap(({ events: good }) => good ?? []) };
    unanswered.push(batch);
    return batch;
  };

  const appendWithRetries = async (events: readonly OrderEvent[]): Promise<Fate> => {
    for (let attempt = 1, pauseMs = FIRST_RETRY_MS; ; attempt += 1, pauseMs *= 2) {
      try {
        await ledger.append(events);
        return { kind: 'written', atMs: clock.epoch() };
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        if (attempt === ATTEMPTS) return { kind: 'refused' };
        if ((await sleep(clock, pauseMs, stopping.signal)) === 'aborted') return { kind: 'stopped' };
      }
    }
  };

  /** One answer stands for all deliveries before it, so a batch waits for those before. */
  const answer = () => {
    for (let [first] = unanswered; first?.fate !== undefined; [first] = unanswered) {
      // Unanswered, it goes back to the queue when the consumer ends, with all that came after it.
      if (first.fate.kind === 'stopped') return;
      settle(first, first.fate);
      unanswered.shift();
    }
  };

  const settle = ({ arrivals, good }: Batch, fate: Fate) => {
    if (fate.kind === 'written') {
      record(good, fate.atMs);
      park(arrivals.filter(({ events }) => events === undefined));
      const lastGood = arrivals.findLast(({ events }) => events !== undefined);
      if (lastGood) consumer.ack(lastGood.delivery, true);
    } else {
      park(arrivals);
    }
    telemetry.count('queue.settled', totalEvents(arrivals));
  };

  const park = (arrivals: readonly Arrival[]) => {
    for (const { delivery } of arrivals) consumer.reject(delivery, false);
    telemetry.count('queue.dead-lettered', totalEvents(arrivals));
  };

  const record = (events: readonly OrderEvent[], writtenAtMs: number) => {
    for (const { atMs } of events) {
      telemetry.record('persist.lag', (writtenAtMs - atMs) * 1_000);
      if (writtenAtMs - atMs <= options.deadlineMs) telemetry.count('queue.in-time');
    }
  };

  return async () => {
    stopping.abort();
    pending = [];
    pendingEvents = 0;
    await Promise.all(writers);
    await consumer.cancel();
  };
};

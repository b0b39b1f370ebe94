import { BackendError, type Broker, type Consumer, type Delivery } from '../../backends/ports.ts';
import { sleep } from '../../kernel/clock.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { EngineContext } from '../strategy.ts';
import type { OrderEvent } from '../types.ts';
import { decodeEvent } from './event-codec.ts';

export interface ConsumerOptions {
  readonly queue: string;
  readonly prefetch: number;
  readonly batchSize: number;
  /** A delivery after this long no longer counts as in time (for the model's Q). */
  readonly deadlineMs: number;
}

const ATTEMPTS = 7;
const FIRST_RETRY_MS = 50;

/**
 * Moves events from a queue into the ledger: what has arrived while the last batch was written is the next batch;
 * it is acknowledged after its commit. A batch that the ledger keeps refusing is parked by dead-lettering.
 */
export const consumeIntoLedger = async (
  context: EngineContext & { readonly broker: Broker; readonly ledger: LedgerPort },
  options: ConsumerOptions,
): Promise<() => Promise<void>> => {
  const { broker, ledger, telemetry, clock } = context;
  const stopping = new AbortController();
  let pending: Delivery[] = [];
  let writing: Promise<void> | undefined;

  const consumer: Consumer = await broker.consume(
    options.queue,
    { prefetch: options.prefetch },
    (delivery) => {
      if (stopping.signal.aborted) return;
      telemetry.count('queue.delivered');
      if (delivery.redelivered) telemetry.count('queue.redelivered');
      pending.push(delivery);
      writing ??= writeAll();
    },
  );

  const writeAll = async () => {
    // What else arrives in this turn of the loop joins the first batch.
    await sleep(clock, 0);
    while (pending.length > 0) {
      const batch = pending.slice(0, options.batchSize);
      pending = pending.slice(options.batchSize);
      await writeBatch(batch);
    }
    writing = undefined;
  };

  const writeBatch = async (batch: readonly Delivery[]) => {
    const events = batch.map(({ body }) => decodeEvent(body));
    const good = events.filter((event) => event !== undefined);
    const appended = await appendWithRetries(good);
    // Unanswered, the batch goes back to the queue when the consumer ends.
    if (appended === 'stopped') return;
    if (appended === 'written') {
      record(good);
      park(batch.filter((_, i) => events[i] === undefined));
      const lastGood = batch.findLast((_, i) => events[i] !== undefined);
      if (lastGood) consumer.ack(lastGood, true);
    } else {
      park(batch);
    }
    telemetry.count('queue.settled', batch.length);
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

  const park = (batch: readonly Delivery[]) => {
    for (const delivery of batch) consumer.reject(delivery, false);
    telemetry.count('queue.dead-lettered', batch.length);
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

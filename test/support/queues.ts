import { BackendError } from '../../src/backends/ports.ts';
import { openLedger } from '../../src/engine/ledger/postgres.ts';
import type { LedgerPort } from '../../src/engine/ledger/port.ts';
import type { QueuePort, QueueStrategy } from '../../src/engine/queue/port.ts';
import type { EngineContext } from '../../src/engine/strategy.ts';
import type { OrderEvent } from '../../src/engine/types.ts';
import { hastyClock } from './clocks.ts';
import { optionsOf } from './options.ts';
import { linesOf, placedOrder } from './orders.ts';
import type { Space, TestNode } from './worlds.ts';

export const event = (orderId: number, ...units: readonly number[]): OrderEvent => ({
  kind: 'placed',
  order: placedOrder(orderId, units.length > 0 ? { lines: linesOf(...units) } : {}),
  atMs: hastyClock.epoch(),
});
export const events = (count: number) => Array.from({ length: count }, (_, i) => event(i + 1));

/** A ledger that can be told to fail. */
class FaultyLedger implements LedgerPort {
  failures = 0;
  /** Events of each append that did not fail. */
  readonly batches: number[] = [];
  /** Appends wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly #ledger: LedgerPort;
  #onFailure: (() => void) | undefined;

  constructor(ledger: LedgerPort) {
    this.#ledger = ledger;
  }

  /** Resolves at the next failure. */
  failed(): Promise<void> {
    return new Promise((resolve) => (this.#onFailure = resolve));
  }

  async append(batch: readonly OrderEvent[]): Promise<number> {
    if (this.failures === 0) {
      this.batches.push(batch.length);
      await this.gate;
      return this.#ledger.append(batch);
    }
    this.failures -= 1;
    this.#onFailure?.();
    throw new BackendError('postgres', 'none', 'out of order');
  }

  read(afterSeq: number, limit: number) {
    return this.#ledger.read(afterSeq, limit);
  }
}

/** One node's end of a queue, declared and not yet subscribed to. */
export interface Subject {
  readonly node: TestNode;
  readonly queue: QueuePort;
  readonly ledger: FaultyLedger;
}

/** A strategy opened on a node of its own; `changes` take the place of what the node would be given. */
export const openQueue = async (
  space: Space,
  strategy: QueueStrategy,
  changes: Partial<EngineContext> = {},
  options: Record<string, unknown> = {},
): Promise<Subject> => {
  const node = await space.node(changes);
  const ledger = new FaultyLedger(openLedger(node.postgres));
  const queue = strategy.open(optionsOf(strategy, options), { ...node, ledger });
  await queue.declare();
  return { node, queue, ledger };
};

export const publishAll = (queue: QueuePort, all: readonly OrderEvent[]) =>
  Promise.all(all.map((one) => queue.publish(one)));

/** The orders in the ledger, one for each row, in their order. */
export const ordersIn = async (ledger: LedgerPort) =>
  (await ledger.read(0, 10_000)).map(({ orderId }) => orderId).toSorted((a, b) => a - b);

export const NOTHING = { waiting: 0, deadLettered: 0 };

/** The backlog, once it is as expected, or after many a look. */
export const backlogOf = async (queue: QueuePort, until: { waiting: number; deadLettered: number }) => {
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

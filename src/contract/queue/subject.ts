import { BackendError } from '../../backends/ports.ts';
import { openLedger } from '../../engine/ledger/postgres.ts';
import type { LedgerPort } from '../../engine/ledger/port.ts';
import type { QueuePort, QueueStrategy } from '../../engine/queue/port.ts';
import type { EngineContext } from '../../engine/strategy.ts';
import type { OrderEvent } from '../../engine/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import { optionsOf } from '../options.ts';
import { linesOf, placedOrder } from '../orders.ts';
import { same } from '../property.ts';
import type { ContractNode, Space } from '../space.ts';

export const event = (clock: Clock, orderId: number, ...units: readonly number[]): OrderEvent => ({
  kind: 'placed',
  order: placedOrder(orderId, units.length > 0 ? { lines: linesOf(...units) } : {}),
  atMs: clock.epoch(),
});

export const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

export const events = (clock: Clock, count: number): readonly OrderEvent[] =>
  numbers(count).map((orderId) => event(clock, orderId));

/** A ledger that can be told to fail. */
export class FaultyLedger implements LedgerPort {
  failures = 0;
  /** Events of each append that did not fail. */
  readonly batches: number[] = [];
  /** What an append waits for, by its number from 1. */
  gate: (append: number) => Promise<void> = () => Promise.resolve();
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
      await this.gate(this.batches.push(batch.length));
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
  readonly node: ContractNode;
  readonly queue: QueuePort;
  readonly ledger: FaultyLedger;
}

export interface SubjectSetting {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly changes?: (node: ContractNode) => Partial<EngineContext>;
}

/** A strategy opened on a node of its own, in a space with its tables. */
export const openSubject = async (
  strategy: QueueStrategy,
  space: Space,
  { options = {}, changes = () => ({}) }: SubjectSetting = {},
): Promise<Subject> => {
  await space.define();
  const plain = await space.node();
  const node = { ...plain, ...changes(plain), telemetry: plain.telemetry };
  const ledger = new FaultyLedger(openLedger(node.postgres));
  const queue = strategy.open(optionsOf(strategy, options), { ...node, ledger });
  await queue.declare();
  return { node, queue, ledger };
};

export const publishAll = (queue: QueuePort, all: readonly OrderEvent[]) =>
  Promise.all(all.map((one) => queue.publish(one)));

/** The orders in the ledger, one for each row, in their order. */
export const ordersIn = async (ledger: LedgerPort): Promise<readonly number[]> =>
  (await ledger.read(0, 10_000)).map(({ orderId }) => orderId).toSorted((a, b) => a - b);

export const NOTHING = { waiting: 0, deadLettered: 0 };

type Backlog = Awaited<ReturnType<QueuePort['backlog']>>;

/** Looks until the backlog is as expected; a broker counts what is given back, and passes on, a moment later. */
export const backlogBecomes = async (queue: QueuePort, expected: Backlog, space: Space): Promise<void> => {
  let { waiting, deadLettered } = await queue.backlog();
  for (
    let look = 1;
    look < 1_000 && (waiting !== expected.waiting || deadLettered !== expected.deadLettered);
    look += 1
  ) {
    await space.turn();
    ({ waiting, deadLettered } = await queue.backlog());
  }
  same({ waiting, deadLettered }, expected, 'the backlog after many a look');
};

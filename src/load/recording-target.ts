import type {
  OrderLine,
  OrderRequest,
  PlacedOrder,
  PlaceOutcome,
  ProductView,
  Sku,
  StepOutcome,
  Target,
} from '../engine/types.ts';
import { newReceiptLog, RECEIPT_KINDS, type ReceiptKind, type ReceiptLog } from './receipts.ts';

/** How attempts to place an order ended, counted; `replayed` ones repeat an order that is counted once. */
export const ORDER_COUNTERS = [
  'orders.attempted',
  'orders.accepted',
  'orders.replayed',
  'orders.sold-out',
  'orders.limit-reached',
  'orders.contended',
  'orders.failed',
  'orders.unknown',
  'orders.paid',
  'orders.cancelled',
] as const;
export type OrderCounter = (typeof ORDER_COUNTERS)[number];

/** Why attempts ended `failed` or `unknown`, and how many did so. */
export interface Failure {
  readonly outcome: 'failed' | 'unknown';
  readonly reason: string;
  readonly count: number;
}

/** Reasons are kept apart up to this many; further ones share a row. */
const MAX_REASONS = 50;
const OTHER_REASONS = 'other reasons';

/** Keeps the customers' own record of what a shop told them, apart from anything the shop writes. */
export class RecordingTarget implements Target {
  readonly #shop: Target;
  readonly #count: (counter: OrderCounter) => void;
  readonly #onSoldOut: () => void;
  /** Attempts, not orders: a double click sends the same order twice. */
  readonly #unanswered = new Set<{ readonly order: OrderRequest }>();
  readonly #unansweredSteps = new Set<{
    readonly order: PlacedOrder;
    readonly unknown: 'pay-unknown' | 'cancel-unknown';
  }>();
  readonly #failures = new Map<string, Failure>();
  #receipts = newReceiptLog();

  constructor(shop: Target, count: (counter: OrderCounter) => void, onSoldOut: () => void) {
    this.#shop = shop;
    this.#count = count;
    this.#onSoldOut = onSoldOut;
  }

  get receipts(): ReceiptLog {
    return this.#receipts;
  }

  /** Forgets the warm-up. */
  forget(): void {
    this.#receipts.close();
    this.#receipts = newReceiptLog();
    this.#failures.clear();
  }

  failures(): readonly Failure[] {
    return [...this.#failures.values()];
  }

  browse(sku: Sku): Promise<ProductView | undefined> {
    return this.#shop.browse(sku);
  }

  addToCart(user: number, line: OrderLine): Promise<void> {
    return this.#shop.addToCart(user, line);
  }

  takeCart(user: number): Promise<readonly OrderLine[]> {
    return this.#shop.takeCart(user);
  }

  async place(order: OrderRequest): Promise<PlaceOutcome> {
    const attempt = { order };
    this.#unanswered.add(attempt);
    this.#count('orders.attempted');
    const outcome = await this.#shop.place(order);
    if (this.#unanswered.delete(attempt)) this.#recordOutcome(order, outcome);
    return outcome;
  }

  pay(order: PlacedOrder): Promise<StepOutcome> {
    return this.#step(order, this.#shop.pay(order), 'paid', 'pay-unknown');
  }

  cancel(order: PlacedOrder): Promise<StepOutcome> {
    return this.#step(order, this.#shop.cancel(order), 'cancelled', 'cancel-unknown');
  }

  /** What was not answered, as at a sudden stop, is unknown; an answer that comes later still changes nothing. */
  giveUp(): void {
    for (const { order } of this.#unanswered) this.#loseSight(order, 'no answer before the run was stopped');
    this.#unanswered.clear();
    for (const { order, unknown } of this.#unansweredSteps) this.#write(unknown, order, order.orderId);
    this.#unansweredSteps.clear();
  }

  #recordOutcome(order: OrderRequest, outcome: PlaceOutcome): void {
    switch (outcome.kind) {
      case 'accepted': {
        this.#count(outcome.replayed ? 'orders.replayed' : 'orders.accepted');
        this.#write(outcome.replayed ? 'replayed' : 'accepted', order, outcome.orderId);
        break;
      }
      case 'unknown':
        this.#loseSight(order, outcome.reason);
        break;
      case 'sold-out':
        this.#count('orders.sold-out');
        this.#onSoldOut();
        break;
      case 'limit-reached':
      case 'contended':
        this.#count(`orders.${outcome.kind}`);
        break;
      case 'failed':
        this.#count('orders.failed');
        this.#fail('failed', outcome.reason);
        break;
    }
  }

  #loseSight(order: OrderRequest, reason: string): void {
    this.#count('orders.unknown');
    this.#fail('unknown', reason);
    this.#write('unknown', order, 0);
  }

  #fail(outcome: Failure['outcome'], text: string): void {
    const reason =
      this.#failures.size < MAX_REASONS || this.#failures.has(`${outcome} ${text}`) ? text : OTHER_REASONS;
    const key = `${outcome} ${reason}`;
    this.#failures.set(key, { outcome, reason, count: (this.#failures.get(key)?.count ?? 0) + 1 });
  }

  async #step(
    order: PlacedOrder,
    step: Promise<StepOutcome>,
    done: 'paid' | 'cancelled',
    unknown: 'pay-unknown' | 'cancel-unknown',
  ): Promise<StepOutcome> {
    const attempt = { order, unknown };
    this.#unansweredSteps.add(attempt);
    const outcome = await step;
    if (!this.#unansweredSteps.delete(attempt)) return outcome;
    if (outcome.kind === 'done') {
      this.#count(`orders.${done}`);
      this.#write(done, order, order.orderId);
    }
    if (outcome.kind === 'unknown') this.#write(unknown, order, order.orderId);
    return outcome;
  }

  #write(kind: ReceiptKind, { key, user, lines }: OrderRequest, orderId: number): void {
    const kindIndex = RECEIPT_KINDS.indexOf(kind);
    for (const { sku, units } of lines)
      this.#receipts.push({ kind: kindIndex, key, orderId, user, sku, units });
  }
}

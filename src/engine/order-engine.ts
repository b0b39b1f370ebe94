import { BackendError } from '../backends/ports.ts';
import { unreachable } from '../kernel/assert.ts';
import { messageOf } from '../kernel/errors.ts';
import type { CachePort } from './cache/port.ts';
import { Carts } from './carts.ts';
import type { LedgerPort } from './ledger/port.ts';
import type { HeldLock, LockPort } from './lock/port.ts';
import { ProductPages } from './product-pages.ts';
import type { QueuePort } from './queue/port.ts';
import type { RestoreReason, StockPort } from './stock/port.ts';
import type { EngineContext } from './strategy.ts';
import type {
  EventKind,
  OrderLine,
  OrderRequest,
  PlacedOrder,
  PlaceOutcome,
  ProductView,
  Sku,
  StepOutcome,
  Target,
} from './types.ts';

export interface EngineParts {
  readonly lock: LockPort;
  readonly stock: StockPort;
  readonly cache: CachePort;
  readonly queue: QueuePort;
  readonly ledger: LedgerPort;
}

export interface EngineSettings {
  /** How long an order waits for its lock at most. */
  readonly lockWaitMs: number;
}

interface LostOrFailed {
  readonly kind: 'failed' | 'unknown';
  readonly reason: string;
}

/** The lease was lost before the order was published. */
interface CalledOff {
  readonly kind: 'called-off';
  readonly order: PlacedOrder;
}

/** One node of the shop: the system under test. Everything it needs comes in; every stage is timed. */
export class OrderEngine implements Target {
  readonly #context: EngineContext;
  readonly #parts: EngineParts;
  readonly #settings: EngineSettings;
  readonly #carts: Carts;
  readonly #pages: ProductPages;
  readonly #lockKeys = new Map<Sku, string>();
  #orders = 0;

  constructor(context: EngineContext, parts: EngineParts, settings: EngineSettings) {
    this.#context = context;
    this.#parts = parts;
    this.#settings = settings;
    this.#carts = new Carts(context);
    this.#pages = new ProductPages(context.postgres, parts.cache);
  }

  async browse(sku: Sku): Promise<ProductView | undefined> {
    const startedMs = this.#context.clock.now();
    const view = await this.#pages.view(sku);
    this.#record('cache.latency', startedMs);
    return view;
  }

  addToCart(user: number, line: OrderLine): Promise<void> {
    return this.#carts.add(user, line);
  }

  takeCart(user: number): Promise<readonly OrderLine[]> {
    return this.#carts.take(user);
  }

  async place(request: OrderRequest): Promise<PlaceOutcome> {
    const startedMs = this.#context.clock.now();
    let outcome: PlaceOutcome;
    try {
      const ended = await this.#locked(request.lines, (lock) => this.#reserveAndPublish(request, lock));
      outcome = ended.kind === 'called-off' ? await this.#takeBack(ended.order) : ended;
    } catch (error) {
      outcome = { kind: 'failed', reason: reasonOf(error) };
    }
    this.#record('order.latency', startedMs);
    if (outcome.kind === 'sold-out') await this.#updatePages([outcome], (sku) => this.#pages.mark(sku, true));
    if (outcome.kind === 'accepted' && request.lines.some(({ sku }) => this.#pages.saysSoldOut(sku)))
      await this.#updatePages(request.lines, (sku) => this.#pages.mark(sku, false));
    return outcome;
  }

  async pay(order: PlacedOrder): Promise<StepOutcome> {
    return this.#publish('paid', order);
  }

  /** Under the order's lock: giving units back is as much a change of the stock as taking them. */
  async cancel(order: PlacedOrder): Promise<StepOutcome> {
    const outcome = await this.#step(() => this.#locked(order.lines, () => this.#cancelAndRestore(order)));
    if (outcome.kind === 'contended') return { kind: 'failed', reason: 'its lock was not won in time' };
    if (outcome.kind === 'done') await this.#updatePages(order.lines, (sku) => this.#pages.returnToSale(sku));
    return outcome;
  }

  /** Under a new lock: the one under which the units were taken is lost. */
  async #takeBack(order: PlacedOrder): Promise<PlaceOutcome> {
    const taken = await this.#step(() =>
      this.#locked(order.lines, async () => {
        const reason = await this.#restore(order, 'not-placed');
        return reason === undefined ? ({ kind: 'done' } as const) : { kind: 'unknown' as const, reason };
      }),
    );
    if (taken.kind === 'done') return { kind: 'contended' };
    const reason = taken.kind === 'contended' ? 'its lock was not won again in time' : taken.reason;
    return { kind: 'unknown', reason: `its lease was lost and its units were not given back: ${reason}` };
  }

  /** Does the work under the lock of these lines' SKUs. Rejects with a BackendError when the lock cannot be had. */
  async #locked<Outcome>(
    lines: readonly OrderLine[],
    work: (lock: HeldLock) => Promise<Outcome>,
  ): Promise<Outcome | { readonly kind: 'contended' }> {
    const { clock, telemetry } = this.#context;
    const askedMs = clock.now();
    telemetry.count('lock.attempts');
    const lock = await this.#parts.lock.acquire({
      keys: lines.map(({ sku }) => this.#lockKey(sku)),
      waitMs: this.#settings.lockWaitMs,
    });
    const heldMs = this.#record('lock.wait', askedMs);
    if (lock.kind === 'contended') {
      telemetry.count('lock.contended');
      return { kind: 'contended' };
    }
    telemetry.count('lock.acquired');
    try {
      return await work(lock);
    } finally {
      try {
        if ((await lock.release()) === 'expired') telemetry.count('lock.expired');
      } catch (error) {
        // It leaves the lock to its lease; the order's outcome stands all the same.
        reasonOf(error);
      }
      this.#record('lock.hold', heldMs);
    }
  }

  /** The ledger decides: units go back to the stock only when this call is the one that cancelled the order. */
  async #cancelAndRestore(order: PlacedOrder): Promise<StepOutcome> {
    const event = { kind: 'cancelled', order, atMs: this.#context.clock.epoch() } as const;
    if ((await this.#parts.ledger.append([event])) === 0) return { kind: 'rejected' };
    const reason = await this.#restore(order, 'cancelled');
    return reason === undefined ? { kind: 'done' } : { kind: 'unknown', reason };
  }

  async #reserveAndPublish(request: OrderRequest, lock: HeldLock): Promise<PlaceOutcome | CalledOff> {
    const { clock, node, nodes } = this.#context;
    const { key, user, lines } = request;
    const order: PlacedOrder = { orderId: this.#orders * nodes + node + 1, key, user, lines };
    this.#orders += 1;
    const startedMs = clock.now();
    try {
      const reserved = await this.#parts.stock.reserve(order, lock.fence);
      this.#record('stock.latency', startedMs);
      switch (reserved.kind) {
        case 'reserved': {
          if (lock.isLost?.() === true) return { kind: 'called-off', order };
          const published = await this.#publish('placed', order);
          return published.kind === 'done'
            ? { kind: 'accepted', orderId: order.orderId, replayed: false }
            : await this.#notPublished(order, published);
        }
        case 'duplicate':
          return await this.#repeat({ ...request, orderId: reserved.orderId });
        case 'conflict':
        case 'stale-fence':
          return { kind: 'contended' };
        case 'sold-out':
        case 'limit-reached':
          return reserved;
        default:
          return unreachable(reserved);
      }
    } catch (error) {
      return lostOrFailed(error);
    }
  }

  /** The units are taken, but the order's event is not on its way to the ledger, or may not be. */
  async #notPublished(order: PlacedOrder, published: LostOrFailed): Promise<PlaceOutcome> {
    if (published.kind === 'unknown') return published;
    const reason = await this.#restore(order, 'not-placed');
    return reason === undefined ? published : { kind: 'unknown', reason };
  }

  /** Announced once more before it is promised once more: its first event may be lost. The ledger knows repeats. */
  async #repeat(order: PlacedOrder): Promise<PlaceOutcome> {
    const published = await this.#publish('placed', order, 'repeat');
    return published.kind === 'done'
      ? { kind: 'accepted', orderId: order.orderId, replayed: true }
      : { kind: 'unknown', reason: published.reason };
  }

  /** Gives why it failed: then the units may have come back or not, and nothing certain can be said of the order. */
  async #restore(order: PlacedOrder, because: RestoreReason): Promise<string | undefined> {
    try {
      await this.#parts.stock.restore(order, because);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  async #publish(
    kind: EventKind,
    order: PlacedOrder,
    time: 'first' | 'repeat' = 'first',
  ): Promise<{ readonly kind: 'done' } | LostOrFailed> {
    const { clock, telemetry } = this.#context;
    const startedMs = clock.now();
    telemetry.count('queue.published');
    try {
      const outcome = await this.#parts.queue.publish({ kind, order, atMs: clock.epoch() });
      this.#record('publish.latency', startedMs);
      if (outcome.kind === 'refused') return { kind: 'failed', reason: outcome.reason };
      telemetry.count('queue.confirmed');
      if (time === 'first') telemetry.count('queue.confirmed-lines', order.lines.length);
      return { kind: 'done' };
    } catch (error) {
      const outcome = lostOrFailed(error);
      if (outcome.kind === 'unknown') telemetry.count('queue.unknown');
      return outcome;
    }
  }

  async #step<Outcome>(step: () => Promise<Outcome>): Promise<Outcome | LostOrFailed> {
    try {
      return await step();
    } catch (error) {
      return lostOrFailed(error);
    }
  }

  /** The page is a courtesy: when it cannot be changed now, a later order will. */
  async #updatePages(
    lines: readonly { readonly sku: Sku }[],
    update: (sku: Sku) => Promise<void>,
  ): Promise<void> {
    try {
      for (const { sku } of lines) await update(sku);
    } catch (error) {
      reasonOf(error);
    }
  }

  #lockKey(sku: Sku): string {
    let key = this.#lockKeys.get(sku);
    if (key === undefined) {
      key = this.#context.namespace.key(`lock:${sku}`);
      this.#lockKeys.set(sku, key);
    }
    return key;
  }

  /** A stage that ends now. Gives the time, at which the next may begin. */
  #record(stage: Parameters<EngineContext['telemetry']['record']>[0], startedMs: number): number {
    const nowMs = this.#context.clock.now();
    this.#context.telemetry.record(stage, (nowMs - startedMs) * 1_000);
    return nowMs;
  }
}

/** What a resource's failure says; anything else that was thrown is a defect and goes on up. */
const reasonOf = (error: unknown): string => {
  if (error instanceof BackendError) return messageOf(error);
  throw error;
};

const lostOrFailed = (error: unknown): LostOrFailed => {
  const reason = reasonOf(error);
  const lost = error instanceof BackendError && error.effect === 'unknown';
  return { kind: lost ? 'unknown' : 'failed', reason };
};

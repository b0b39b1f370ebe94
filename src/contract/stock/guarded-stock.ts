import type { LockPort, LockStrategy } from '../../engine/lock/port.ts';
import { REGISTRY } from '../../engine/registry.ts';
import type {
  ReserveOutcome,
  RestoreReason,
  StockGuarantees,
  StockPort,
  StockSettings,
  StockStrategy,
} from '../../engine/stock/port.ts';
import type { PlacedOrder } from '../../engine/types.ts';
import { optionsOf } from '../options.ts';
import type { ContractNode } from '../space.ts';

const fencedLock = (): LockStrategy | undefined =>
  Object.values(REGISTRY.lock).find(({ guarantees }) => guarantees.mutualExclusion === 'fenced');

/** The lock that a stock strategy needs to keep its promises. */
const guardOf = ({ oversellSafe, idempotent }: StockGuarantees): LockStrategy => {
  const guard = {
    always: () => REGISTRY.lock[idempotent === 'with-lock' ? 'token' : 'none'],
    'with-lock': () => REGISTRY.lock['token'],
    'with-fence': fencedLock,
  }[oversellSafe]();
  if (guard === undefined) throw new Error(`no lock keeps a stock safe that is so ${oversellSafe}`);
  return guard;
};

/** Customers of a stock that gives up under contention ask again, but not for ever. */
const PATIENCE = 200;

/** A stock on one node, under the lock that it needs: so every strategy is held to the same promises. */
export class GuardedStock {
  readonly bare: StockPort;
  readonly #lock: LockPort;
  readonly #node: ContractNode;
  readonly #givesUp: boolean;

  constructor(strategy: StockStrategy, node: ContractNode, settings: StockSettings) {
    const guard = guardOf(strategy.guarantees);
    this.#node = node;
    this.#givesUp = strategy.guarantees.givesUp;
    this.#lock = guard.open(optionsOf(guard), node);
    this.bare = strategy.open(optionsOf(strategy), { ...node, settings });
  }

  async reserve(order: PlacedOrder): Promise<ReserveOutcome> {
    const ask = () => this.#locked(order, (fence) => this.bare.reserve(order, fence));
    let outcome = await ask();
    for (let again = 0; this.#givesUp && outcome.kind === 'conflict' && again < PATIENCE; again += 1)
      outcome = await ask();
    return outcome;
  }

  restore(order: PlacedOrder, because: RestoreReason): Promise<'restored' | 'not-reserved'> {
    return this.#locked(order, () => this.bare.restore(order, because));
  }

  async #locked<T>({ lines }: PlacedOrder, work: (fence: number | undefined) => Promise<T>): Promise<T> {
    const keys = lines.map(({ sku }) => this.#node.namespace.key(`lock:${sku}`));
    const lock = await this.#lock.acquire({ keys, waitMs: 30_000 });
    if (lock.kind !== 'held') throw new Error('the stock is not free');
    try {
      return await work(lock.fence);
    } finally {
      await lock.release();
    }
  }
}

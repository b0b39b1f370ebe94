import { BackendError } from '../../backends/ports.ts';
import type { HeldLock, LockOutcome, LockPort, LockRequest, LockStrategy } from '../../engine/lock/port.ts';
import type { EngineContext } from '../../engine/strategy.ts';
import { optionsOf } from '../options.ts';
import { Broken, NotJudged } from '../property.ts';
import type { ContractNode, Space } from '../space.ts';

const NOTHING = { exchanges: [], queues: [], bindings: [] };
/** Longer than any wait that comes to its end, and shorter than a piece of work may take. */
const PATIENT_MS = 20_000;
/** One node that wants the lock, with what it was told to be different. */
export interface Setting {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly changes?: (space: Space, node: ContractNode) => Partial<EngineContext>;
}

/** A node that contends for locks. */
export class Contender {
  readonly node: ContractNode;
  readonly #lock: LockPort;

  private constructor(node: ContractNode, lock: LockPort) {
    this.node = node;
    this.#lock = lock;
  }

  static async of(
    strategy: LockStrategy,
    space: Space,
    { options = {}, changes = () => ({}) }: Setting = {},
  ): Promise<Contender> {
    if (strategy.uses.includes('postgres')) await space.define();
    const plain = await space.node();
    const node = { ...plain, ...changes(space, plain), telemetry: plain.telemetry };
    return new Contender(node, strategy.open(optionsOf(strategy, options), node));
  }

  key(sku: number): string {
    return this.node.namespace.key(`lock:${sku}`);
  }

  /** Of SKU 0, unless `request` says otherwise. */
  acquire(request: Partial<LockRequest> = {}): Promise<LockOutcome> {
    return this.#lock.acquire({ keys: [this.key(0)], waitMs: PATIENT_MS, ...request });
  }

  async hold(request: Partial<LockRequest> = {}): Promise<HeldLock> {
    const outcome = await this.acquire(request);
    if (outcome.kind === 'held') return outcome;
    throw new Broken(`a lock that is free, or soon free, was contended after ${outcome.waitedMs} ms`);
  }

  /** Until everything that the node has sent before is answered. */
  async settle(space: Space): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([this.node.redis.call('PING'), this.node.broker.declare(NOTHING)]);
      await space.turn();
    }
  }
}

export const excludes = ({ guarantees }: LockStrategy): string | undefined =>
  guarantees.mutualExclusion === 'none' ? 'it promises no mutual exclusion' : undefined;

/** Options that make the lease short, where the strategy has `ttlMs`. */
export const SHORT_LEASE = { ttlMs: 100 };

/** With simulated time, the longest lease that is waited for. */
const LONGEST_LEASE_MS = 600_000;
const LONGEST_REAL_LEASE_MS = 5_000;

/** How long to wait for the end of a lease taken with `SHORT_LEASE`, as far as the holder and the options say it. */
export const leaseOf = (strategy: LockStrategy, space: Space, { validForMs }: HeldLock): number => {
  const { ttlMs } = optionsOf(strategy, SHORT_LEASE) as { readonly ttlMs?: unknown };
  const said = Number.isFinite(validForMs) ? validForMs : ttlMs;
  const leaseMs = typeof said === 'number' ? said : LONGEST_LEASE_MS;
  return space.virtual ? leaseMs : Math.min(leaseMs, LONGEST_REAL_LEASE_MS);
};

/** That a lease has not ended says something only where it was waited for long enough. */
export const requireEnded = (space: Space, leaseMs: number): void => {
  if (!space.virtual && leaseMs >= LONGEST_REAL_LEASE_MS)
    throw new NotJudged('its lease is too long to be waited for in real time: give it an option ttlMs');
};

export const isServiceFailure = (error: unknown): boolean => error instanceof BackendError;

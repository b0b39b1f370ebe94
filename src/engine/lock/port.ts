import type { Creations, Strategy } from '../strategy.ts';

export interface LockRequest {
  /** Sorted, each once. */
  readonly keys: readonly string[];
  /** How long to wait for the lock at most. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

export interface HeldLock {
  readonly kind: 'held';
  /** A token that grows with every acquisition, where the strategy has one. */
  readonly fence: number | undefined;
  /** What is left of the lease, as far as the holder can know; Infinity without a lease. */
  readonly validForMs: number;
  /** Of locks that watch over their lease: whether the holder can know that it has lost it. */
  isLost?(): boolean;
  /** `expired`: the lease was lost before the release, so another may have held the lock at the same time. */
  release(): Promise<'released' | 'expired'>;
}

export type LockOutcome = HeldLock | { readonly kind: 'contended'; readonly waitedMs: number };

/** Mutual exclusion around the critical section of `place`. */
export interface LockPort {
  /** Contention is an outcome, never an exception. Rejects with a BackendError when a resource fails. */
  acquire(request: LockRequest): Promise<LockOutcome>;
}

export interface LockGuarantees {
  /** `none`; `while-leased`: only as long as no holder outlives its lease; `fenced`: late writers are refused. */
  readonly mutualExclusion: 'none' | 'while-leased' | 'fenced';
  /** A crashed holder's lock is freed by itself. */
  readonly survivesCrash: boolean;
  /** Waiters are served first come, first served. */
  readonly fair: boolean;
  /** A release wakes those who wait; without it they find out by asking again. */
  readonly wakesWaiters: boolean;
}

export interface LockStrategy<Options = unknown> extends Strategy<LockPort, LockGuarantees, Options> {
  /** How many Redis masters of its own it wants; without it none. */
  lockMasters?(options: Options): number;
  /** What outlives its nodes' connections. */
  readonly creates?: Creations | undefined;
}

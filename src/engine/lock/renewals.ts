import { BackendError, type Redis, type RedisScript } from '../../backends/ports.ts';
import type { Cancel, Clock } from '../../kernel/clock.ts';

/** KEYS: the lock. ARGV: token, ttl in ms. Lengthens the lease only for its owner. */
const RENEW: RedisScript = {
  name: 'renew-lease',
  lua: `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`,
};

/** A renewal that fails is tried again before the lease is over. */
const RENEWALS_PER_LEASE = 3;

/** A lease that is renewed for as long as it is held. */
export interface RenewedLease {
  readonly key: string;
  readonly token: string;
  /** When it is over, unless it is renewed; -Infinity: the token is gone. */
  endMs: number;
  /** When it is to be renewed. */
  dueMs: number;
}

/** Renews the leases that one node holds. One timer serves them all, as most locks are given back before it is due. */
export class Renewals {
  readonly #redis: Pick<Redis, 'run'>;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #periodMs: number;
  /** In the order in which they are due. */
  readonly #leases = new Set<RenewedLease>();
  #cancel: Cancel | undefined;

  constructor(
    { redis, clock }: { readonly redis: Pick<Redis, 'run'>; readonly clock: Clock },
    ttlMs: number,
  ) {
    this.#redis = redis;
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#periodMs = ttlMs / RENEWALS_PER_LEASE;
  }

  /** `validForMs`: what is left of the lease. */
  begin(key: string, token: string, validForMs: number): RenewedLease {
    const nowMs = this.#clock.now();
    const lease = { key, token, endMs: nowMs + validForMs, dueMs: nowMs + this.#periodMs };
    this.#leases.add(lease);
    if (this.#cancel === undefined) this.#plan(this.#periodMs);
    return lease;
  }

  end(lease: RenewedLease): void {
    this.#leases.delete(lease);
    if (this.#leases.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Whether the lease is known to be lost, or may be over. */
  isLost({ endMs }: RenewedLease): boolean {
    return this.#clock.now() >= endMs;
  }

  #plan(delayMs: number): void {
    this.#cancel = this.#clock.schedule(Math.max(0, delayMs), () => this.#renewDue());
  }

  #renewDue(): void {
    this.#cancel = undefined;
    const nowMs = this.#clock.now();
    for (const lease of this.#leases) {
      if (lease.dueMs > nowMs) {
        this.#plan(lease.dueMs - nowMs);
        return;
      }
      this.#leases.delete(lease);
      if (this.isLost(lease)) continue;
      lease.dueMs = nowMs + this.#periodMs;
      this.#leases.add(lease);
      void this.#renew(lease, nowMs);
    }
  }

  async #renew(lease: RenewedLease, sentMs: number): Promise<void> {
    try {
      const renewed = (await this.#redis.run(RENEW, [lease.key], [lease.token, this.#ttlMs])) === 1;
      if (!this.#leases.has(lease)) return;
      lease.endMs = renewed ? Math.max(lease.endMs, sentMs + this.#ttlMs) : -Infinity;
    } catch (error) {
      // Perhaps the next one gets through.
      if (!(error instanceof BackendError)) throw error;
    }
  }
}

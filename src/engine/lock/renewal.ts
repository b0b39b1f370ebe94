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

interface LeaseToRenew {
  readonly redis: Pick<Redis, 'run'>;
  readonly clock: Clock;
  readonly key: string;
  readonly token: string;
  readonly ttlMs: number;
}

/** Renews one lease until it is stopped or lost. */
export class Renewal {
  readonly #lease: LeaseToRenew;
  readonly #lost = new AbortController();
  /** When the lease is over. */
  #endMs = 0;
  /** Of the next renewal, or of the end of the lease while one is under way. */
  #cancel: Cancel = () => {};
  #stopped = false;

  constructor(lease: LeaseToRenew) {
    this.#lease = lease;
  }

  /** Aborted once the lease is known to be lost, or may be over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** `validForMs`: what is left of the lease. */
  start(validForMs: number): void {
    this.#endMs = this.#lease.clock.now() + validForMs;
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #plan(): void {
    const { clock, ttlMs } = this.#lease;
    const leftMs = this.#endMs - clock.now();
    this.#cancel =
      leftMs > ttlMs / RENEWALS_PER_LEASE
        ? clock.schedule(ttlMs / RENEWALS_PER_LEASE, () => void this.#renew())
        : clock.schedule(leftMs, () => this.#lose());
  }

  #lose(): void {
    this.stop();
    this.#lost.abort();
  }

  async #renew(): Promise<void> {
    const { redis, clock, key, token, ttlMs } = this.#lease;
    const sentMs = clock.now();
    this.#cancel = clock.schedule(this.#endMs - sentMs, () => this.#lose());
    let renewed: boolean | 'unknown';
    try {
      renewed = (await redis.run(RENEW, [key], [token, ttlMs])) === 1;
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      renewed = 'unknown';
    }
    if (this.#stopped) return;
    if (renewed === false) {
      this.#lose();
      return;
    }
    this.#cancel();
    if (renewed === true) this.#endMs = sentMs + ttlMs;
    this.#plan();
  }
}

import type { Redis } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import type { EngineContext } from '../strategy.ts';
import { lockKeyByKey, type KeyRequest } from './key-by-key.ts';
import { Pause } from './pause.ts';
import type { HeldLock, LockPort } from './port.ts';
import { Turns } from './turns.ts';

/** One attempt to take one key, and how to give it back: all that differs between locks that poll. */
export interface Lease {
  /** `undefined`: another holds it. */
  tryAcquire(key: string): Promise<Omit<HeldLock, 'kind'> | undefined>;
  /** Called once for a key before it is waited for: `wake` may be called when the lock has become free. */
  onFreed?(key: string, wake: () => void): () => void;
}

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/**
 * Makes a lock out of a lease: keys are taken in their order, each by its node's turn (see `Turns`), with full-jitter
 * exponential back-off between attempts (Brooker, "Exponential Backoff And Jitter", 2015) that a wake-up cuts short.
 */
export const lockByLease = (context: EngineContext, lease: Lease): LockPort => {
  const turns = new Turns(context.clock);
  return lockKeyByKey(context.clock, (request) => acquireOne(context, lease, turns, request));
};

const acquireOne = async (
  { clock, random }: { clock: Clock; random: Random },
  lease: Lease,
  turns: Turns,
  { key, deadlineMs, signal }: KeyRequest,
): Promise<HeldLock | undefined> => {
  if (!(await turns.enter(key, { waitMs: deadlineMs - clock.now(), signal }))) return undefined;
  const pause = new Pause(clock);
  const stopListening = lease.onFreed?.(key, () => pause.end());
  const aborted = () => signal?.aborted === true;
  try {
    for (let capMs = FIRST_PAUSE_MS; !aborted(); capMs = Math.min(capMs * 2, LONGEST_PAUSE_MS)) {
      const taken = await lease.tryAcquire(key);
      if (taken) {
        const release = () => taken.release().finally(() => turns.leave(key));
        return { ...taken, kind: 'held', release };
      }
      const leftMs = deadlineMs - clock.now();
      if (leftMs <= 0) break;
      await pause.wait(Math.min(random.next() * capMs, leftMs), signal);
    }
  } catch (error) {
    turns.leave(key);
    throw error;
  } finally {
    stopListening?.();
  }
  turns.leave(key);
  return undefined;
};

/** Tells this node's waiters of locks that others freed, over one channel that is joined at the first use. */
export class FreedLocks {
  readonly #redis: Redis;
  readonly #channel: string;
  readonly #waiters = new Map<string, () => void>();
  #joined = false;

  constructor(redis: Redis, channel: string) {
    this.#redis = redis;
    this.#channel = channel;
  }

  /** One waiter per key: its node's turn-taking sees to that. Without the channel, polling still gets there. */
  listen(key: string, wake: () => void): () => void {
    this.#waiters.set(key, wake);
    if (!this.#joined) this.#join();
    return () => this.#waiters.delete(key);
  }

  #join(): void {
    this.#joined = true;
    this.#redis
      .subscribe(this.#channel, (freed) => this.#waiters.get(freed)?.())
      .catch(() => {
        this.#joined = false;
      });
  }
}

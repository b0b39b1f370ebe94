import type { Redis } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import type { EngineContext } from '../strategy.ts';
import type { HeldLock, LockPort, LockRequest } from './port.ts';
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
  const { clock } = context;
  const turns = new Turns(clock);

  /** Takes keys into `held` up to the first that cannot be had. Gives the time at which the first of them lapses. */
  const acquireInto = async (held: HeldLock[], { keys, signal }: LockRequest, deadlineMs: number) => {
    let validUntilMs = Infinity;
    for (const key of keys) {
      const one = await acquireOne(context, lease, turns, key, deadlineMs, signal);
      if (one === undefined) break;
      held.push(one);
      validUntilMs = Math.min(validUntilMs, clock.now() + one.validForMs);
    }
    return validUntilMs;
  };

  return {
    async acquire(request) {
      const startedMs = clock.now();
      const held: HeldLock[] = [];
      let validUntilMs;
      try {
        validUntilMs = await acquireInto(held, request, startedMs + request.waitMs);
      } catch (error) {
        await releaseInReverse(held).catch(() => 'expired');
        throw error;
      }
      // The first lease may have lapsed during the wait for the last key.
      const validForMs = validUntilMs - clock.now();
      if (held.length === request.keys.length && validForMs > 0) return joined(held, validForMs);
      await releaseInReverse(held);
      return { kind: 'contended', waitedMs: clock.now() - startedMs };
    },
  };
};

const acquireOne = async (
  { clock, random }: { clock: Clock; random: Random },
  lease: Lease,
  turns: Turns,
  key: string,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<HeldLock | undefined> => {
  if (!(await turns.enter(key, { waitMs: deadlineMs - clock.now(), signal }))) return undefined;
  const pause = new Pause(clock);
  const stopListening = lease.onFreed?.(key, () => pause.end());
  const aborted = () => signal?.aborted === true;
  try {
    for (let capMs = FIRST_PAUSE_MS; !aborted(); capMs = Math.min(capMs * 2, LONGEST_PAUSE_MS)) {
      const taken = await lease.tryAcquire(key);
      if (taken) {
        return {
          kind: 'held',
          fence: taken.fence,
          validForMs: taken.validForMs,
          release: () => taken.release().finally(() => turns.leave(key)),
        };
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

/** A pause that a wake-up ends early; a wake-up that came just before it counts as well. */
class Pause {
  readonly #clock: Clock;
  #woken = false;
  #finish: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  end(): void {
    if (this.#finish) this.#finish();
    else this.#woken = true;
  }

  async wait(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#woken && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          cancel();
          signal?.removeEventListener('abort', finish);
          this.#finish = undefined;
          resolve();
        };
        const cancel = this.#clock.schedule(pauseMs, finish);
        signal?.addEventListener('abort', finish, { once: true });
        this.#finish = finish;
      });
    }
    this.#woken = false;
  }
}

const releaseInReverse = async (held: readonly HeldLock[]): Promise<'released' | 'expired'> => {
  const outcomes = await Promise.all(held.toReversed().map((lock) => lock.release()));
  return outcomes.includes('expired') ? 'expired' : 'released';
};

const joined = (held: readonly HeldLock[], validForMs: number): HeldLock =>
  held.length === 1
    ? held[0]!
    : { kind: 'held', fence: held.at(-1)?.fence, validForMs, release: () => releaseInReverse(held) };

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

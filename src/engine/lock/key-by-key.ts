import type { Clock } from '../../kernel/clock.ts';
import type { HeldLock, LockPort } from './port.ts';

/** One key of a request, waited for until `deadlineMs` on the clock or an abort of `signal`. */
export interface KeyRequest {
  readonly key: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** It is the only key of its request. */
  readonly alone: boolean;
}

/** `undefined`: the key was not had in time. */
export type AcquireKey = (request: KeyRequest) => Promise<HeldLock | undefined>;

/** Makes a lock of several keys out of one that takes a single key: they are taken in their order, all or none. */
export const lockKeyByKey = (clock: Clock, acquireKey: AcquireKey): LockPort => ({
  async acquire({ keys, waitMs, signal }) {
    const startedMs = clock.now();
    const held: HeldLock[] = [];
    let validUntilMs = Infinity;
    try {
      for (const key of keys) {
        const one = await acquireKey({
          key,
          deadlineMs: startedMs + waitMs,
          signal,
          alone: keys.length === 1,
        });
        if (one === undefined) break;
        held.push(one);
        validUntilMs = Math.min(validUntilMs, clock.now() + one.validForMs);
      }
    } catch (error) {
      await releaseInReverse(held).catch(() => 'expired');
      throw error;
    }
    // The first lease may have lapsed during the wait for the last key.
    const validForMs = validUntilMs - clock.now();
    if (held.length === keys.length && validForMs > 0 && !isAnyLost(held)) return joined(held, validForMs);
    await releaseInReverse(held);
    return { kind: 'contended', waitedMs: clock.now() - startedMs };
  },
});

const releaseInReverse = async (held: readonly HeldLock[]): Promise<'released' | 'expired'> => {
  const outcomes = await Promise.all(held.toReversed().map((lock) => lock.release()));
  return outcomes.includes('expired') ? 'expired' : 'released';
};

const joined = (held: readonly HeldLock[], validForMs: number): HeldLock => {
  if (held.length === 1) return held[0]!;
  return {
    kind: 'held',
    // Fences are drawn from one counter: the newest is newer than any earlier holder's of any of the keys.
    fence: newest(held.flatMap(({ fence }) => fence ?? [])),
    validForMs,
    isLost: () => isAnyLost(held),
    release: () => releaseInReverse(held),
  };
};

const isAnyLost = (held: readonly HeldLock[]): boolean => held.some((lock) => lock.isLost?.() === true);

const newest = (fences: readonly number[]): number | undefined =>
  fences.length > 0 ? Math.max(...fences) : undefined;

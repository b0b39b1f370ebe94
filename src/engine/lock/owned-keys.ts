import type { RedisScript } from '../../backends/ports.ts';
import type { EngineContext } from '../strategy.ts';
import { FreedLocks, type Lease } from './lease.ts';
import type { HeldLock } from './port.ts';

/** KEYS: the lock. ARGV: token, channel. Deletes the lock only for its owner, and tells those who wait. */
const RELEASE: RedisScript = {
  name: 'release-token',
  lua: `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('PUBLISH', ARGV[2], KEYS[1])
  return 1
end
return 0`,
};

/** A key that holds its owner's token. */
interface OwnedKey extends Omit<HeldLock, 'kind'> {
  readonly token: string;
}

type Take = (key: string, token: string) => Promise<Pick<HeldLock, 'fence'> | undefined>;

/** Takes a key by SET NX PX alone, without a fencing token. */
export const setIfFree =
  ({ redis }: EngineContext, ttlMs: number): Take =>
  async (key, token) =>
    (await redis.call('SET', key, token, 'NX', 'PX', ttlMs)) === 'OK' ? { fence: undefined } : undefined;

interface OwnedKeysLease extends Lease {
  tryAcquire(key: string): Promise<OwnedKey | undefined>;
}

/**
 * A lease of keys that hold a token of their owner's and expire after `ttlMs`. `take` sets the key, if it is not
 * there, in one atomic step; it gives the fencing token where there is one, or `undefined` when another holds the key.
 */
export const leaseOfOwnedKeys = (
  { redis, clock, namespace, node, random }: EngineContext,
  ttlMs: number,
  take: Take,
): OwnedKeysLease => {
  const channel = namespace.key('lock-freed');
  const freed = new FreedLocks(redis, channel);
  const owner = `${node}-${random.integer(2 ** 31).toString(36)}`;
  let acquisitions = 0;

  return {
    onFreed: (key, wake) => freed.listen(key, wake),
    async tryAcquire(key) {
      acquisitions += 1;
      const token = `${owner}-${acquisitions}`;
      const release = async () =>
        (await redis.run(RELEASE, [key], [token, channel])) === 1
          ? ('released' as const)
          : ('expired' as const);
      const sentMs = clock.now();
      let taken;
      try {
        taken = await take(key, token);
      } catch (error) {
        // The key may have been set: without a release its lock would be orphaned until the lease ends.
        await release().catch(() => 'expired');
        throw error;
      }
      if (taken === undefined) return undefined;
      const validForMs = ttlMs - (clock.now() - sentMs);
      if (validForMs > 0) return { fence: taken.fence, validForMs, token, release };
      await release();
      return undefined;
    },
  };
};

import { z } from 'zod';
import type { RedisScript } from '../../backends/ports.ts';
import { FreedLocks, lockByLease } from './lease.ts';
import type { LockStrategy } from './port.ts';

const options = z.strictObject({
  ttlMs: z.int().min(10).max(3_600_000).default(10_000).describe('length of the lease'),
});

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

export const token: LockStrategy<z.infer<typeof options>> = {
  name: 'token',
  summary:
    'SET key token NX PX ttl, released by compare-and-delete: the single-master lock of the Redis manual',
  page: `SET NX PX takes the key with a token of the holder's own and an expiry; a script deletes it only if the token is still there, and publishes the release to wake those who wait. (Redis manual, "Distributed Locks with Redis", single instance.)

Breaks: a holder paused for longer than ttlMs, a failover before replication and a jump of the server's clock each make two holders. The release answers \`expired\` then, which the report counts: every one is a possible oversell.

Costs two Redis commands per order and the wait. Choose it with a conditional stock behind it, or where a rare double entry is harmless.`,
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: true, fair: false, wakesWaiters: true },
  uses: ['redis'],
  options,
  open({ ttlMs }, context) {
    const { redis, clock, namespace, node, random } = context;
    const channel = namespace.key('lock-freed');
    const freed = new FreedLocks(redis, channel);
    const owner = `${node}-${random.integer(2 ** 31).toString(36)}`;
    let acquisitions = 0;

    return lockByLease(context, {
      onFreed: (key, wake) => freed.listen(key, wake),
      async tryAcquire(key) {
        acquisitions += 1;
        const mine = `${owner}-${acquisitions}`;
        const release = async () =>
          (await redis.run(RELEASE, [key], [mine, channel])) === 1
            ? ('released' as const)
            : ('expired' as const);
        const sentMs = clock.now();
        let reply;
        try {
          reply = await redis.call('SET', key, mine, 'NX', 'PX', ttlMs);
        } catch (error) {
          // The SET may have been executed: without a release its lock would be orphaned until the lease ends.
          await release().catch(() => 'expired');
          throw error;
        }
        if (reply !== 'OK') return undefined;
        const validForMs = ttlMs - (clock.now() - sentMs);
        if (validForMs > 0) return { fence: undefined, validForMs, release };
        await release();
        return undefined;
      },
    });
  },
};

import { z } from 'zod';
import type { RedisScript } from '../../backends/ports.ts';
import { lockByLease } from './lease.ts';
import { leaseOfOwnedKeys } from './owned-keys.ts';
import type { LockStrategy } from './port.ts';
import { ttlOption } from './ttl-option.ts';

const options = z.strictObject({
  ttlMs: ttlOption.describe('length of the lease'),
});

/** KEYS: the lock, the run's counter of fences. ARGV: token, ttl in ms. Answers the fence, or 0: another holds it. */
export const ACQUIRE: RedisScript = {
  name: 'acquire-fenced',
  lua: `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) end
return 0`,
};

export const fenced: LockStrategy<z.infer<typeof options>> = {
  name: 'fenced',
  summary:
    'token with a number that grows with every acquisition, so that the stock can refuse a late writer',
  page: `One script takes the key as \`token\` does and draws the next number of a counter: the fence. It goes to the stock with every write, and a stock that checks it (\`fenced-write\`) refuses a number older than one it has seen. The counter is shared by all keys, so the number of an order's last key is newer than any earlier holder's of its other keys. (Kleppmann, "How to do distributed locking", 2016.)

Breaks: nothing by a pause, as long as the stock checks the fence; with any other stock it is worth what \`token\` is. A Redis that loses its last writes gives numbers out twice: tokens that must survive that belong into the database that checks them.

Costs one script to acquire and one to release. Choose it when a late write must be impossible, not only rare.`,
  guarantees: { mutualExclusion: 'fenced', survivesCrash: true, fair: false, wakesWaiters: true },
  uses: ['redis'],
  options,
  open({ ttlMs }, context) {
    const { redis, namespace } = context;
    const fences = namespace.key('fences');
    const take = async (key: string, token: string) => {
      const fence = Number(await redis.run(ACQUIRE, [key, fences], [token, ttlMs]));
      return fence > 0 ? { fence } : undefined;
    };
    return lockByLease(context, leaseOfOwnedKeys(context, ttlMs, take));
  },
};

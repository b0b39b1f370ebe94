import { z } from 'zod';
import { BackendError, type Redis, type RedisScript } from '../../backends/ports.ts';
import { assert } from '../../kernel/assert.ts';
import type { EngineContext } from '../strategy.ts';
import { Ballot } from './ballot.ts';
import { FreedLocks, lockByLease, type Lease } from './lease.ts';
import type { LockStrategy } from './port.ts';
import { ttlOption } from './ttl-option.ts';
import { unawaited } from './unawaited.ts';

const options = z.strictObject({
  masters: z
    .int()
    .min(3)
    .max(9)
    .default(5)
    .describe('independent Redis masters, of which more than half must agree'),
  ttlMs: ttlOption.describe('length of the lease on each master'),
  masterTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(200)
    .describe("how long a master's answer is waited for; short beside ttlMs"),
});
type Options = z.infer<typeof options>;

/** KEYS: the lock. ARGV: token. Deletes the lock only for its owner. */
const RELEASE: RedisScript = {
  name: 'release-vote',
  lua: `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`,
};

/** How far the masters' clocks may go apart during a lease: the share and the precision that the manual's clients use. */
const DRIFT_SHARE = 0.01;
const DRIFT_MS = 2;

const leaseOfMajority = (
  { lockMasters, redis, clock, namespace, node, random }: EngineContext,
  { masters: wanted, ttlMs, masterTimeoutMs }: Options,
): Lease => {
  assert(lockMasters.length >= wanted, 'a lock that votes is given its masters');
  const masters = lockMasters.slice(0, wanted);
  const channel = namespace.key('lock-freed');
  const freed = new FreedLocks(redis, channel);
  const owner = `${node}-${random.integer(2 ** 31).toString(36)}`;
  const driftMs = ttlMs * DRIFT_SHARE + DRIFT_MS;
  let attempts = 0;

  /** The masters know nothing of who waits: the shop's Redis carries the news. Without it, waiters ask again. */
  const wakeOthers = (key: string) => unawaited(redis.call('PUBLISH', channel, key));
  const giveBack = (granted: readonly Redis[], key: string, token: string) =>
    Ballot.ask(granted, clock, masterTimeoutMs, (master) => master.run(RELEASE, [key], [token]), 1);
  const release = async (key: string, token: string) => {
    const ballot = await giveBack(masters, key, token);
    wakeOthers(key);
    if (ballot.isWon) return 'released';
    if (ballot.isLost) return 'expired';
    throw new BackendError('redis', 'unknown', 'too few lock masters answered the release');
  };

  return {
    onFreed: (key, wake) => freed.listen(key, wake),
    async tryAcquire(key) {
      attempts += 1;
      const token = `${owner}-${attempts}`;
      const sentMs = clock.now();
      const ballot = await Ballot.ask(
        masters,
        clock,
        masterTimeoutMs,
        (master) => master.call('SET', key, token, 'NX', 'PX', ttlMs),
        'OK',
      );
      const validForMs = ttlMs - (clock.now() - sentMs) - driftMs;
      if (ballot.isWon && validForMs > 0)
        return { fence: undefined, validForMs, release: () => release(key, token) };
      // Also where nothing was answered: the key may be set. Each connection keeps the order of what is sent.
      await giveBack(
        masters.filter((_, master) => ballot.mayBeYes(master)),
        key,
        token,
      );
      if (ballot.hasFailed)
        throw new BackendError('redis', 'none', 'a majority of the lock masters cannot be reached');
      return undefined;
    },
  };
};

export const redlock: LockStrategy<Options> = {
  name: 'redlock',
  summary: 'a token on several independent Redis masters: held as long as more than half have granted it',
  page: `SET NX PX with one random token goes to all masters at once, which know nothing of each other. The lock is held if more than half agree before the lease, less the time that took and a share for the drift of their clocks, is over; otherwise it is given back on all that may have granted it. A master that is down or silent delays nobody while the others agree. Releases go to all masters, and the shop's own Redis tells the nodes that wait. (Redis manual, "Distributed Locks with Redis", the Redlock algorithm.)

Breaks: a holder paused after the acquire for longer than what is left of the lease, as with \`token\`: there is no fence, so a stock cannot tell (Kleppmann, "How to do distributed locking", 2016). A clock that jumps on a few masters, and a master that restarts without its last writes within a lease, can give the lock away twice; keep such a master out for one lease (Sanfilippo, "Is Redlock safe?", 2016). Contenders of several nodes can split the votes, and all of them then ask again after a random pause. With half of the masters or more down, nobody gets a lock.

Costs two commands on each master per order and one that wakes who waits; an attempt in vain costs one or two on each master. Choose it when one Redis must not be a single point of failure of the lock and a rare double entry is harmless; for orders, put a conditional stock behind it.`,
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: true, fair: false, wakesWaiters: true },
  uses: ['redis'],
  options,
  lockMasters: ({ masters }) => masters,
  open: (chosen, context) => lockByLease(context, leaseOfMajority(context, chosen)),
};

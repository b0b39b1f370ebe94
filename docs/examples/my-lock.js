// @ts-check
import { sleep, z } from 'trade-sim/strategy';

/** Deletes the key only while it holds the caller's token. */
const RELEASE = {
  name: 'my-release',
  lua: `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`,
};

const options = z.strictObject({
  ttlMs: z.int().min(10).default(5_000).describe('length of the lease'),
  pauseMs: z.int().min(1).default(5).describe('longest pause between two attempts'),
});

/** @type {import('trade-sim/strategy').OwnLock<z.infer<typeof options>>} */
export default {
  port: 'lock',
  name: 'my-lock',
  summary: 'SET NX PX with a token, asked for again after a random pause',
  page: `Each key is set with a token and an expiry; whoever finds it set asks again after a random pause.

Breaks: a holder that is paused for longer than ttlMs shares the lock with the next one.

Costs two commands per order, and one for each attempt in vain.`,
  guarantees: { mutualExclusion: 'while-leased', survivesCrash: true, fair: false, wakesWaiters: false },
  uses: ['redis'],
  options,
  open({ ttlMs, pauseMs }, { redis, clock, random, node }) {
    const take = async (/** @type {string} */ key, /** @type {string} */ token) =>
      (await redis.call('SET', key, token, 'NX', 'PX', ttlMs)) === 'OK';

    const release = async (/** @type {readonly string[]} */ keys, /** @type {string} */ token) => {
      const answers = await Promise.all(keys.map((key) => redis.run(RELEASE, [key], [token])));
      return answers.every((answer) => answer === 1) ? 'released' : 'expired';
    };

    return {
      async acquire({ keys, waitMs, signal }) {
        const startedMs = clock.now();
        const token = `${node}-${random.integer(2 ** 32)}-${random.integer(2 ** 32)}`;
        /** @type {string[]} */
        const taken = [];
        let validUntilMs = Infinity;
        /** @returns {Promise<import('trade-sim/strategy').LockOutcome>} */
        const contended = async () => {
          await release(taken, token);
          return { kind: 'contended', waitedMs: clock.now() - startedMs };
        };
        try {
          // The keys are sorted: who takes them in this order cannot deadlock.
          for (const key of keys) {
            let askedMs = clock.now();
            while (!(await take(key, token))) {
              const leftMs = startedMs + waitMs - clock.now();
              if (leftMs <= 0 || signal?.aborted) return await contended();
              await sleep(clock, Math.min(random.next() * pauseMs, leftMs), signal);
              askedMs = clock.now();
            }
            taken.push(key);
            validUntilMs = Math.min(validUntilMs, askedMs + ttlMs);
            if (signal?.aborted) return await contended();
          }
        } catch (error) {
          // Perhaps only the answer was lost, and a key is set: it must not stay so until its lease ends.
          await release(keys, token).catch(() => {});
          throw error;
        }
        const validForMs = validUntilMs - clock.now();
        if (validForMs <= 0) return await contended();
        return { kind: 'held', fence: undefined, validForMs, release: () => release(keys, token) };
      },
    };
  },
};

import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BackendError, type Redis, type RedisReply } from '../../src/backends/ports.ts';
import { commands, KEYS, type Words } from './redis-shapes.ts';
import { realWorld, simulatedWorld, type World } from './redis-worlds.ts';

let real: World;
let simulated: World;
let clients: readonly Redis[];

beforeAll(async () => {
  [real, simulated] = [realWorld(), simulatedWorld()];
  clients = [await real.connect(), await simulated.connect()];
});

afterAll(() => Promise.all([real.close(), simulated.close()]));

/** With keys of this test's own in place of the names; both worlds get the very same words. */
const named = (words: Words): Words => words.map((word) => (KEYS.includes(word) ? real.key(word[1]) : word));

/** What can be compared: the members of a set come in no particular order. */
const outcomeOf = ([command]: Words, settled: PromiseSettledResult<RedisReply>): unknown => {
  if (settled.status === 'fulfilled') {
    const reply = settled.value;
    return command === 'SMEMBERS' && Array.isArray(reply) ? new Set(reply) : reply;
  }
  if (settled.reason instanceof BackendError) return `${settled.reason.effect} ${settled.reason.message}`;
  throw settled.reason;
};

const outcomesOf = async (redis: Redis, sent: readonly Words[]): Promise<unknown[]> => {
  await redis.call('DEL', ...named(KEYS));
  const settled = await Promise.allSettled(sent.map(([command, ...args]) => redis.call(command!, ...args)));
  return settled.map((each, index) => outcomeOf(sent[index]!, each));
};

test('the simulated Redis answers any sequence of commands as the real one does', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const sent = sequence.map(named);
      const [expected, actual] = await Promise.all(clients.map((redis) => outcomesOf(redis, sent)));
      expect(actual).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

import { describe, expect, test } from 'vitest';
import type { Redis } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { SimulatedRedisServer } from '../../../src/backends/simulated/redis.ts';
import { sleep } from '../../../src/kernel/clock.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';

const EPOCH_MS = 1_700_000_000_000;

const simulate = (latency?: (random: SeededRandom) => number) => {
  const clock = new VirtualClock(EPOCH_MS);
  const random = new SeededRandom(7);
  const server = new SimulatedRedisServer({
    clock,
    random,
    ...(latency && { latency: () => latency(random) }),
  });
  /** Lets time run until the work is done. */
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    let done = false;
    const settled = work.finally(() => {
      done = true;
    });
    settled.catch(() => undefined);
    await clock.run(() => done);
    return settled;
  };
  return { clock, server, redis: server.connect(), inTime };
};

describe('time', () => {
  test('is the clock’s: keys expire when it gets there', async () => {
    const { clock, redis, inTime } = simulate();
    await inTime(redis.call('SET', 'key', 'value', 'EX', 3_600));
    await inTime(sleep(clock, 3_599_000));
    expect(await inTime(redis.call('TTL', 'key'))).toBe(1);
    expect(await inTime(redis.call('PTTL', 'key'))).toBe(1_000);
    await inTime(sleep(clock, 999));
    expect(await inTime(redis.call('GET', 'key'))).toBe('value');
    await inTime(sleep(clock, 1));
    expect(await inTime(redis.call('GET', 'key'))).toBeNull();
    expect(await inTime(redis.call('PTTL', 'key'))).toBe(-2);
  });

  test('is told by TIME', async () => {
    const { clock, redis, inTime } = simulate();
    await inTime(sleep(clock, 1_234.5));
    expect(await inTime(redis.call('TIME'))).toEqual(['1700000001', '234500']);
  });

  test('takes keys away that nobody asks for', async () => {
    const { clock, redis, inTime } = simulate();
    const keys = Array.from({ length: 100 }, (_, index) => `key:${index}`);
    await inTime(Promise.all(keys.map((key) => redis.call('SET', key, 1, 'PX', 10))));
    await inTime(sleep(clock, 20));
    const scanned = async () => (await redis.call('SCAN', 0, 'COUNT', 1_000)) as [string, string[]];
    for (let round = 0; round < 60; round += 1) await inTime(redis.call('PING'));
    expect((await inTime(scanned()))[1]).toEqual([]);
  });

  test('passes on the way, each way, and keeps the order of a connection', async () => {
    const { clock, redis, inTime } = simulate((random) => 1 + 9 * random.next());
    const arrived: string[] = [];
    const tracked = async (value: string) => {
      await redis.call('RPUSH', 'list', value);
      arrived.push(value);
    };
    const values = Array.from({ length: 20 }, (_, index) => String(index));
    await inTime(Promise.all(values.map(tracked)));
    expect(arrived).toEqual(values);
    expect(clock.now()).toBeGreaterThan(2);
    expect(clock.now()).toBeLessThanOrEqual(20);
    expect(await inTime(redis.call('LRANGE', 'list', 0, -1))).toEqual(values);
  });
});

describe('interleaving', () => {
  const race = async (seed: number): Promise<unknown> => {
    const { server, inTime, redis } = simulate((random) => 0.1 + random.next() * seed);
    const clients = Array.from({ length: 5 }, () => server.connect());
    const increment = async (client: Redis) => {
      for (let round = 0; round < 20; round += 1) {
        const value = Number(await client.call('GET', 'counter'));
        await client.call('SET', 'counter', value + 1);
      }
    };
    await inTime(Promise.all(clients.map(increment)));
    return inTime(redis.call('GET', 'counter'));
  };

  test('loses updates, the same ones each time', async () => {
    const first = await race(3);
    expect(Number(first)).toBeGreaterThanOrEqual(20);
    expect(Number(first)).toBeLessThan(100);
    expect(await race(3)).toBe(first);
  });
});

describe('BLPOP', () => {
  const borrow = (redis: Redis, ...words: (string | number)[]) =>
    redis.dedicated((connection) => connection.call('BLPOP', ...words));

  test('serves the one that has waited longest', async () => {
    const { clock, redis, inTime } = simulate();
    const served: string[] = [];
    const wait = async (name: string, delayMs: number) => {
      await sleep(clock, delayMs);
      served.push(`${name} ${String(await borrow(redis, 'list', 'other', 0))}`);
    };
    const push = async () => {
      await sleep(clock, 30);
      await redis.call('RPUSH', 'list', 'a', 'b');
      await redis.call('RPUSH', 'other', 'c');
    };
    await inTime(Promise.all([wait('third', 3), wait('first', 1), wait('second', 2), push()]));
    expect(served).toEqual(['first list,a', 'second list,b', 'third other,c']);
  });

  test('gives up when its time is over, and takes nothing afterwards', async () => {
    const { clock, redis, inTime } = simulate();
    expect(await inTime(borrow(redis, 'list', 2.5))).toBeNull();
    expect(clock.now()).toBe(2_500);
    await inTime(redis.call('RPUSH', 'list', 'a'));
    expect(await inTime(redis.call('LLEN', 'list'))).toBe(1);
  });

  test('is served after the whole of a script, and does not wait in a transaction', async () => {
    const { redis, inTime } = simulate();
    const waiting = borrow(redis, 'list', 0);
    const lua = `redis.call('RPUSH', KEYS[1], 'a') redis.call('RPUSH', KEYS[1], 'b') return redis.call('LPOP', KEYS[1])`;
    const taken = redis.run({ name: 'take', lua }, ['list'], []);
    expect(await inTime(Promise.all([waiting, taken]))).toEqual([['list', 'b'], 'a']);
    const transaction = redis.dedicated(async (connection) => {
      await connection.call('MULTI');
      await connection.call('BLPOP', 'list', 0);
      return connection.call('EXEC');
    });
    expect(await inTime(transaction)).toEqual([null]);
  });

  test('holds back what its connection sends after it', async () => {
    const { clock, redis, inTime } = simulate();
    const order: string[] = [];
    const work = redis.dedicated(async (connection) => {
      const note = (name: string) => () => order.push(`${name}@${clock.now()}`);
      await Promise.all([
        connection.call('BLPOP', 'list', 0.1).then(note('pop')),
        connection.call('PING').then(note('ping')),
      ]);
    });
    await inTime(work);
    expect(order).toEqual(['pop@100', 'ping@100']);
  });
});

describe('closing a client', () => {
  test('leaves what is under way unknown, and it is still executed', async () => {
    const { server, redis, inTime } = simulate(() => 5);
    const underway = redis.call('SET', 'key', 'value');
    const refused = expect(underway).rejects.toMatchObject({ effect: 'unknown' });
    await redis.close();
    await inTime(refused);
    expect(await inTime(server.connect().call('GET', 'key'))).toBe('value');
  });

  test('frees the element that a blocked connection of it would have taken', async () => {
    const { clock, server, redis, inTime } = simulate(() => 5);
    const refused = expect(
      redis.dedicated((connection) => connection.call('BLPOP', 'list', 0)),
    ).rejects.toMatchObject({ effect: 'unknown' });
    await inTime(sleep(clock, 2));
    await redis.close();
    await inTime(refused);
    const other = server.connect();
    expect(await inTime(other.call('RPUSH', 'list', 'a'))).toBe(1);
    expect(await inTime(other.call('LLEN', 'list'))).toBe(1);
  });
});

test('SCAN finds what is there all the time, whatever comes and goes meanwhile', async () => {
  const { redis, inTime } = simulate();
  const keys = Array.from({ length: 60 }, (_, index) => `key:${index}`);
  await inTime(Promise.all(keys.map((key) => redis.call('SET', key, 1))));
  const scan = async () => {
    const found: string[] = [];
    let cursor = '0';
    let round = 0;
    do {
      const [next, page] = (await redis.call('SCAN', cursor, 'MATCH', 'key:?*', 'COUNT', 7)) as [
        string,
        string[],
      ];
      found.push(...page);
      cursor = next;
      await redis.call('DEL', `key:${round}`);
      await redis.call('SET', `other:${round}`, 1);
      round += 1;
    } while (cursor !== '0');
    return { found, round };
  };
  const { found, round } = await inTime(scan());
  expect(round).toBeGreaterThan(8);
  expect(new Set(found)).toEqual(new Set(keys));
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Redis } from '../../src/backends/ports.ts';
import { refusalOf, type World, WORLDS } from './redis-worlds.ts';

describe.each(WORLDS)('Redis, $world', ({ enter }) => {
  let world: World;
  let redis: Redis;
  let key: string;

  beforeEach(async () => {
    world = enter();
    redis = await world.connect();
    key = world.key();
  });

  afterEach(() => world.close());

  const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index)));

  describe('commands', () => {
    test('of one client are executed in the order in which they were sent', async () => {
      const replies = await Promise.all([
        redis.call('SET', key, 'a'),
        redis.call('GET', key),
        redis.call('SET', key, 'b'),
        redis.call('GET', key),
      ]);
      expect(replies).toEqual(['OK', 'a', 'OK', 'b']);
    });

    test('of one turn keep their order, however many packets they fill', async () => {
      const names = Array.from({ length: 500 }, (_, index) => `${index} ${'x'.repeat(100)}`);
      await Promise.all(names.map((name) => redis.call('RPUSH', key, name)));
      expect(await redis.call('LRANGE', key, 0, -1)).toEqual(names);
    });

    test('of concurrent tasks interleave: read-modify-write loses updates', async () => {
      await redis.call('SET', key, 0);
      await times(10, async () => {
        const value = Number(await redis.call('GET', key));
        await redis.call('SET', key, value + 1);
      });
      expect(await redis.call('GET', key)).toBe('1');
    });

    test('may be written in either case, and take numbers', async () => {
      expect(await redis.call('set', key, 41)).toBe('OK');
      expect(await redis.call('incrBy', key, 1)).toBe(42);
      await redis.call('hset', world.key('hash'), 'field', 1.5);
      expect(await redis.call('hgetall', world.key('hash'))).toEqual(['field', '1.5']);
    });

    test('keep any text as it is', async () => {
      const text = 'Grüße, 世界 😀\r\n"quoted" \u0000';
      await redis.call('SET', key, text);
      expect(await redis.call('GET', key)).toBe(text);
      expect(await redis.run({ name: 'echo', lua: 'return ARGV[1]' }, [], [text])).toBe(text);
    });

    test('SET NX takes a free key only, and PX gives it a lifetime', async () => {
      expect(await redis.call('SET', key, 'first', 'NX', 'PX', 40)).toBe('OK');
      expect(await redis.call('SET', key, 'second', 'NX', 'PX', 40)).toBeNull();
      await vi.waitFor(async () => expect(await redis.call('GET', key)).toBeNull(), {
        timeout: 5_000,
        interval: 5,
      });
      expect(await redis.call('SET', key, 'third', 'NX', 'PX', 60_000)).toBe('OK');
      const lifetimeMs = Number(await redis.call('PTTL', key));
      expect(lifetimeMs).toBeGreaterThan(50_000);
      expect(lifetimeMs).toBeLessThanOrEqual(60_000);
    });

    test('SCAN finds every key of a pattern', async () => {
      const names = Array.from({ length: 50 }, (_, index) => world.key(`scan:${index}`));
      await Promise.all(names.map((name) => redis.call('SET', name, 1)));
      const found = new Set<unknown>();
      let cursor = '0';
      do {
        const reply = await redis.call('SCAN', cursor, 'MATCH', `${world.key('scan:')}*`, 'COUNT', 100);
        const [next, keys] = reply as [string, string[]];
        for (const each of keys) found.add(each);
        cursor = next;
      } while (cursor !== '0');
      expect(found).toEqual(new Set(names));
    });
  });

  describe('errors', () => {
    test('of a refused command have no effect', async () => {
      await redis.call('SET', key, 'text');
      expect(await refusalOf(redis.call('LPUSH', key, 'a'))).toBe(
        'none LPUSH: WRONGTYPE Operation against a key holding the wrong kind of value',
      );
      expect(await refusalOf(redis.call('INCR', key))).toBe(
        'none INCR: ERR value is not an integer or out of range',
      );
      expect(await refusalOf(redis.call('GET'))).toBe(
        "none GET: ERR wrong number of arguments for 'get' command",
      );
      expect(await redis.call('GET', key)).toBe('text');
    });

    test('of one command leave those beside it alone', async () => {
      const [good, bad, better] = await Promise.allSettled([
        redis.call('SET', key, 'a'),
        redis.call('HGET', key, 'field'),
        redis.call('GET', key),
      ]);
      expect(good).toMatchObject({ value: 'OK' });
      expect(bad).toMatchObject({ reason: { effect: 'none', service: 'redis' } });
      expect(better).toMatchObject({ value: 'a' });
    });

    test.each(['WATCH', 'multi', 'BLPOP', 'SELECT', 'SUBSCRIBE'])(
      '%s is kept off a shared connection',
      async (command) => {
        expect(await refusalOf(redis.call(command, key))).toMatch(
          /^none \w+: (?:needs a dedicated|is not for)/,
        );
      },
    );
  });

  describe('scripts', () => {
    test('are atomic', async () => {
      const lua = `local n = tonumber(redis.call('GET', KEYS[1]) or 0)
        redis.call('SET', KEYS[1], n + tonumber(ARGV[1])) return n`;
      const other = await world.connect();
      const replies = await times(40, (index) =>
        (index % 2 ? redis : other).run({ name: 'add', lua }, [key], [1]),
      );
      expect(await redis.call('GET', key)).toBe('40');
      expect(new Set(replies).size).toBe(40);
    });

    test('answer as Redis converts Lua values', async () => {
      const lua = `return { 1, 2.9, -2.9, 'text', true, false, redis.status_reply('FINE'), { 5, { 'deep' } }, 10 * 1000 * 1000 * 1000, nil, 'lost' }`;
      expect(await redis.run({ name: 'convert', lua }, [], [])).toEqual([
        1,
        2,
        -2,
        'text',
        1,
        null,
        'FINE',
        [5, ['deep']],
        10_000_000_000,
      ]);
    });

    test('see replies as Redis converts them', async () => {
      const lua = `redis.call('SET', KEYS[1], 7)
        local list = redis.call('MGET', KEYS[1], KEYS[2])
        return { type(redis.call('GET', KEYS[2])), redis.call('SET', KEYS[1], 8).ok, list[1], type(list[2]),
          redis.call('INCR', KEYS[1]), redis.pcall('LPUSH', KEYS[1], 1).err, #KEYS, ARGV[1] }`;
      expect(await redis.run({ name: 'look', lua }, [key, world.key('none')], [2.5])).toEqual([
        'boolean',
        'OK',
        '7',
        'boolean',
        9,
        'WRONGTYPE Operation against a key holding the wrong kind of value',
        2,
        '2.5',
      ]);
    });

    test('that stop on their way may have had an effect', async () => {
      const lua = `redis.call('SET', KEYS[1], 'written') return redis.call('LPUSH', KEYS[1], 1)`;
      expect(await refusalOf(redis.run({ name: 'half', lua }, [key], []))).toMatch(
        /^unknown script half: WRONGTYPE .* script: [0-9a-f]{40}, on @user_script:1\.$/,
      );
      expect(await redis.call('GET', key)).toBe('written');
    });

    test('that answer with an error had no effect, by their own word', async () => {
      const lua = `return redis.error_reply('SOLD none left')`;
      expect(await refusalOf(redis.run({ name: 'no', lua }, [], []))).toBe('none script no: SOLD none left');
    });

    test('cannot set globals, nor leave Redis', async () => {
      const attempt = (lua: string) => refusalOf(redis.run({ name: 'bad', lua }, [], []));
      expect(await attempt('x = 1')).toMatch(/Attempt to modify a readonly table/);
      expect(await attempt('redis.call = nil')).toMatch(/Attempt to modify a readonly table/);
      expect(await attempt('return os.time()')).toMatch(/nonexistent global variable 'os'/);
      expect(await attempt('return require("fs")')).toMatch(/nonexistent global variable 'require'/);
      expect(await attempt('return 1 +')).toMatch(/^none .*ERR Error compiling script/);
      expect(await attempt("return redis.call('MULTI')")).toMatch(
        /This Redis command is not allowed from script/,
      );
    });
  });

  describe('channels', () => {
    test('bring every message, in order, to every listener', async () => {
      const publisher = await world.connect();
      const [first, second]: [string[], string[]] = [[], []];
      const stop = await redis.subscribe(key, (message) => first.push(message));
      await redis.subscribe(key, (message) => second.push(message));
      expect(await publisher.call('PUBLISH', key, 'a')).toBe(1);
      await Promise.all(['b', 'c'].map((message) => publisher.call('PUBLISH', key, message)));
      await vi.waitFor(() => expect(second).toEqual(['a', 'b', 'c']));
      expect(first).toEqual(['a', 'b', 'c']);
      await stop();
      await publisher.call('PUBLISH', key, 'd');
      await vi.waitFor(() => expect(second).toEqual(['a', 'b', 'c', 'd']));
      expect(first).toEqual(['a', 'b', 'c']);
    });

    test('are left with their last listener', async () => {
      const stop = await redis.subscribe(key, () => {});
      await stop();
      await stop();
      expect(await redis.call('PUBLISH', key, 'a')).toBe(0);
      const messages: string[] = [];
      await redis.subscribe(key, (message) => messages.push(message));
      expect(await redis.call('PUBLISH', key, 'b')).toBe(1);
      await vi.waitFor(() => expect(messages).toEqual(['b']));
    });
  });

  describe('dedicated connections', () => {
    const increment = (beforeExec: () => Promise<unknown>) =>
      redis.dedicated(async (connection) => {
        await connection.call('WATCH', key);
        const value = Number(await connection.call('GET', key));
        await beforeExec();
        await connection.call('MULTI');
        expect(await connection.call('SET', key, value + 1)).toBe('QUEUED');
        await connection.call('GET', key);
        return connection.call('EXEC');
      });

    test('carry transactions', async () => {
      await redis.call('SET', key, 1);
      expect(await increment(async () => {})).toEqual(['OK', '2']);
    });

    test('notice a watched key that somebody else changed', async () => {
      await redis.call('SET', key, 1);
      expect(await increment(() => redis.call('SET', key, 10))).toBeNull();
      expect(await redis.call('GET', key)).toBe('10');
    });

    test('notice a watched key that expired', async () => {
      await redis.call('SET', key, 1, 'PX', 20);
      const gone = () =>
        vi.waitFor(async () => expect(await redis.call('EXISTS', key)).toBe(0), { interval: 5 });
      expect(await increment(gone)).toBeNull();
    });

    test('say that a transaction was executed in part', async () => {
      const attempt = redis.dedicated(async (connection) => {
        await connection.call('MULTI');
        await connection.call('SET', key, 'a');
        await connection.call('LPUSH', key, 'b');
        return connection.call('EXEC');
      });
      expect(await refusalOf(attempt)).toMatch(/^unknown EXEC: WRONGTYPE/);
      expect(await redis.call('GET', key)).toBe('a');
    });

    test('refuse a transaction with a command that is none', async () => {
      const attempt = redis.dedicated(async (connection) => {
        await connection.call('MULTI');
        await connection.call('SET', key, 'a');
        expect(await refusalOf(connection.call('NONSENSE', 1))).toMatch(
          /^none NONSENSE: ERR unknown command/,
        );
        return connection.call('EXEC');
      });
      expect(await refusalOf(attempt)).toMatch(/^none EXEC: EXECABORT/);
      expect(await redis.call('GET', key)).toBeNull();
    });

    test('come back clean from a borrower that left a transaction open', async () => {
      const single = await world.connect({ dedicatedConnections: 1 });
      await single.dedicated(async (connection) => {
        await connection.call('WATCH', key);
        await connection.call('MULTI');
      });
      expect(await single.dedicated((connection) => connection.call('SET', key, 1))).toBe('OK');
    });

    test('wait for elements, each of which one of them gets', async () => {
      const waiting = times(2, () => redis.dedicated((connection) => connection.call('BLPOP', key, 5)));
      await redis.call('RPUSH', key, 'a', 'b');
      expect(new Set(await waiting)).toEqual(
        new Set([
          [key, 'a'],
          [key, 'b'],
        ]),
      );
      expect(await redis.call('EXISTS', key)).toBe(0);
    });

    test('give up waiting in time', async () => {
      expect(await redis.dedicated((connection) => connection.call('BLPOP', key, 0.02))).toBeNull();
    });

    test('are bounded: who comes too many waits for one', async () => {
      const single = await world.connect({ dedicatedConnections: 1 });
      const events: string[] = [];
      const borrow = (name: string) =>
        single.dedicated(async (connection) => {
          events.push(`${name} has it`);
          await connection.call('PING');
          events.push(`${name} returns it`);
        });
      await Promise.all([borrow('a'), borrow('b'), borrow('c')]);
      expect(events).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} has it`, `${name} returns it`]));
    });
  });

  describe('closing', () => {
    test('refuses what comes later', async () => {
      await redis.close();
      expect(await refusalOf(redis.call('PING'))).toMatch(/^none /);
      expect(await refusalOf(redis.dedicated((connection) => connection.call('PING')))).toMatch(/^none /);
      expect(await refusalOf(redis.subscribe(key, () => {}))).toMatch(/^none /);
    });

    test('ends a blocking command', async () => {
      let sent: () => void = () => {};
      const blocking = new Promise<void>((resolve) => {
        sent = resolve;
      });
      const attempt = redis.dedicated(async (connection) => {
        await connection.call('PING');
        const answer = connection.call('BLPOP', key, 0);
        sent();
        return answer;
      });
      const refusal = refusalOf(attempt);
      await blocking;
      await redis.close();
      expect(await refusal).toMatch(/^unknown BLPOP: /);
    });

    test('leaves other clients alone', async () => {
      const other = await world.connect();
      await other.close();
      expect(await redis.call('PING')).toBe('PONG');
    });
  });
});

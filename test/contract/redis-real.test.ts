import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import type { Redis } from '../../src/backends/ports.ts';
import { openRedis, type RedisConnectionOptions } from '../../src/backends/real/redis.ts';
import { openRelay, type Relay } from './relay.ts';
import { realWorld, refusalOf, type World } from './redis-worlds.ts';

const PASSWORD = 'secret-word';

describe('a connection to Redis', () => {
  let world: World;
  let relay: Relay;
  let url: string;
  let key: string;
  const opened: Redis[] = [];

  const open = async (options: Partial<RedisConnectionOptions> = {}): Promise<Redis> => {
    const redis = await openRedis({ url, ...options });
    opened.push(redis);
    return redis;
  };

  const untilItAnswers = (redis: Redis) =>
    vi.waitFor(async () => expect(await redis.call('PING')).toBe('PONG'), { timeout: 5_000, interval: 20 });

  beforeEach(async () => {
    world = realWorld();
    key = world.key();
    ({ relay, url } = await openRelay(inject('services').redis));
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((redis) => redis.close()));
    await relay.close();
    await world.close();
  });

  test('that is killed leaves the effect of a command unknown, and comes back', async () => {
    const redis = await open({ dedicatedConnections: 1 });
    const killer = await open();
    const attempt = redis.dedicated(async (connection) => {
      const id = Number(await connection.call('CLIENT', 'ID'));
      const blocked = refusalOf(connection.call('BLPOP', key, 0));
      await killer.dedicated((own) => own.call('CLIENT', 'KILL', 'ID', id));
      return blocked;
    });
    expect(await attempt).toMatch(/^unknown BLPOP: lost the connection to redis:/);
    expect(await redis.dedicated((connection) => connection.call('PING'))).toBe('PONG');
  });

  test('that breaks fails what is under way, refuses what comes, and recovers', async () => {
    const redis = await open();
    relay.freeze();
    const underway = refusalOf(redis.call('INCR', key));
    relay.refuse();
    expect(await underway).toMatch(/^unknown INCR: lost the connection/);
    expect(await refusalOf(redis.call('INCR', key))).toMatch(/^none INCR: not connected/);
    relay.accept();
    await untilItAnswers(redis);
    expect(await redis.call('GET', key)).toBeNull();
  });

  test('that falls silent is given up', async () => {
    // Long enough for the server to answer a blocking command in time on a busy machine.
    const redis = await open({ commandTimeoutMs: 1_500 });
    relay.freeze();
    expect(await refusalOf(redis.call('GET', key))).toMatch(/^unknown GET: lost the connection/);
    expect(await refusalOf(redis.dedicated((own) => own.call('BLPOP', key, 0.05)))).toBe('resolved');
    await untilItAnswers(redis);
  });

  test('that falls silent under a blocking command is given up after its time', async () => {
    const redis = await open({ commandTimeoutMs: 100 });
    const attempt = redis.dedicated(async (own) => {
      await own.call('PING');
      relay.freeze();
      return own.call('BLPOP', key, 0.05);
    });
    expect(await refusalOf(attempt)).toBe('unknown BLPOP: no answer within 150 ms');
  });

  test('hears its channels again after it was lost', async () => {
    const redis = await open();
    const publisher = await world.connect();
    const messages: string[] = [];
    await redis.subscribe(key, (message) => messages.push(message));
    relay.cut();
    await vi.waitFor(async () => expect(await publisher.call('PUBLISH', key, 'again')).toBe(1), {
      timeout: 5_000,
      interval: 20,
    });
    await vi.waitFor(() => expect(messages).toEqual(['again']));
  });

  test('is one of several, all of which serve', async () => {
    const redis = await open({ connections: 3 });
    const lua = `return redis.call('INCR', KEYS[1])`;
    const replies = await Promise.all(
      Array.from({ length: 30 }, () => redis.run({ name: 'count', lua }, [key], [])),
    );
    expect(replies.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
  });

  test('sends a script again that the server has forgotten', async () => {
    const redis = await open();
    const script = { name: 'once', lua: `return '${key}'` };
    expect(await redis.run(script, [], [])).toBe(key);
    expect(await redis.run(script, [], [])).toBe(key);
  });

  test('refused by the server says why, and not the password', async () => {
    relay.refuse();
    const refused = await refusalOf(openRedis({ url }));
    expect(refused).toMatch(/^none cannot connect to redis:\/\/127\.0\.0\.1:\d+: /);
    relay.accept();
    const wrong = new URL(url);
    wrong.username = 'nobody';
    wrong.password = PASSWORD;
    const error: unknown = await openRedis({ url: wrong.href }).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/WRONGPASS/);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(PASSWORD);
  });

  test('to nobody fails at once', async () => {
    const { port } = relay;
    await relay.close();
    expect(await refusalOf(openRedis({ url: `redis://127.0.0.1:${port}` }))).toMatch(/^none .*ECONNREFUSED/);
  });

  test('that is called off before it stands ends', async () => {
    const controller = new AbortController();
    const attempt = refusalOf(openRedis({ url, signal: controller.signal }));
    controller.abort();
    expect(await attempt).toMatch(/^none .*called off$/);
  });

  test.each(['http://127.0.0.1', `redis://user:${PASSWORD}@`, `redis://:${PASSWORD}@host:1/zero`, PASSWORD])(
    'needs a URL of Redis (case %#)',
    async (text) => {
      const error: unknown = await openRedis({ url: text }).catch((thrown: unknown) => thrown);
      expect(String(error)).toContain('the Redis URL cannot be read');
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(PASSWORD);
    },
  );
});

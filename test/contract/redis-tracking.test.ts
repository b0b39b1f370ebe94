import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import type { KeyTracking, Redis } from '../../src/backends/ports.ts';
import { openRedis } from '../../src/backends/real/redis.ts';
import { openRelay } from './relay.ts';
import { realWorld, refusalOf, WORLDS, type World } from './redis-worlds.ts';

/** Keeps what it is told, and lets a test wait for it. */
class Ear {
  readonly heard: (string | undefined)[] = [];

  readonly onChange = (key: string | undefined) => void this.heard.push(key);

  until(key: string | undefined, times = 1) {
    return vi.waitFor(() => expect(this.heard.filter((each) => each === key)).toHaveLength(times), {
      timeout: 10_000,
      interval: 5,
    });
  }
}

describe.each(WORLDS)('tracking keys, $world', ({ enter }) => {
  let world: World;
  let redis: Redis;
  let other: Redis;
  let ear: Ear;
  let tracking: KeyTracking;

  beforeEach(async () => {
    world = enter();
    [redis, other] = await Promise.all([world.connect(), world.connect()]);
    ear = new Ear();
    tracking = await redis.track(world.key('page:'), ear.onChange);
  });
  afterEach(() => world.close());

  test('begins with everything in doubt', () => {
    expect(tracking.active).toBe(true);
    expect(ear.heard).toEqual([undefined]);
  });

  test('hears of what anybody writes and deletes under the prefix, and of nothing else', async () => {
    const [mine, theirs, script] = [world.key('page:1'), world.key('page:2'), world.key('page:3')];
    await redis.call('SET', mine, 'a');
    await other.call('SET', world.key('cart:1'), 'a');
    await other.call('SET', theirs, 'a');
    await other.run({ name: 'set', lua: "return redis.call('SET', KEYS[1], 'a')" }, [script], []);
    await ear.until(mine);
    await ear.until(theirs);
    await ear.until(script);
    await other.call('DEL', theirs);
    await ear.until(theirs, 2);
    await other.call('GET', mine);
    await other.call('SET', script, 'b');
    await ear.until(script, 2);
    expect(ear.heard.slice(1)).toEqual([mine, theirs, script, theirs, script]);
  });

  test('hears of a key whose time is over', async () => {
    const key = world.key('page:1');
    await other.call('SET', key, 'a', 'PX', 20);
    await ear.until(key);
    await vi.waitFor(async () => expect(await other.call('GET', key)).toBeNull(), { interval: 5 });
    await ear.until(key, 2);
  });

  test('hears of nothing once it is stopped', async () => {
    const next = new Ear();
    const key = world.key('page:1');
    tracking.stop();
    expect(tracking.active).toBe(false);
    await redis.track(world.key('page:'), next.onChange);
    await other.call('SET', key, 'a');
    await next.until(key);
    expect(ear.heard).toEqual([undefined]);
  });

  test('ends with its client', async () => {
    await redis.close();
    expect(tracking.active).toBe(false);
    expect(await refusalOf(redis.track('x', ear.onChange))).toMatch(/^none CLIENT TRACKING: .*closed/);
  });
});

test('tracking is in doubt from the loss of its connection on, until changes are heard of again', async () => {
  const world = realWorld();
  const { relay, url } = await openRelay(inject('services').redis);
  const redis = await openRedis({ url });
  try {
    const other = await world.connect();
    const ear = new Ear();
    const tracking = await redis.track(world.key('page:'), ear.onChange);
    relay.refuse();
    await ear.until(undefined, 2);
    expect(tracking.active).toBe(false);
    await other.call('SET', world.key('page:1'), 'a');
    relay.accept();
    await ear.until(undefined, 3);
    expect(tracking.active).toBe(true);
    await other.call('SET', world.key('page:2'), 'a');
    await ear.until(world.key('page:2'));
    expect(ear.heard).not.toContain(world.key('page:1'));
  } finally {
    await redis.close();
    await relay.close();
    await world.close();
  }
});

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackendError, type RedisScript } from '../../src/backends/ports.ts';
import type { HeldLock } from '../../src/engine/lock/port.ts';
import { seedProducts } from '../../src/engine/ledger/products.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { Contender } from '../support/contenders.ts';
import { replacing } from '../../src/contract/faults.ts';
import { linesOf } from '../../src/contract/orders.ts';
import { openShop } from '../support/shop.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

/** Long enough for a renewal to come in time on a machine that is busy. */
const TTL_MS = 1_200;
/** More than a lease. */
const LONGER_MS = 1_500;

const untilLost = async (held: HeldLock): Promise<void> => {
  while (!held.isLost!()) await turnOfTheLoop();
};

describe.each(WORLDS)('watchdog, $world', ({ open }) => {
  let space: Space;
  const contender = (changes?: (node: TestNode) => Partial<TestNode>) =>
    Contender.of(space, 'watchdog', changes, { ttlMs: TTL_MS });
  const key = (sku: number) => space.namespace.key(`lock:${sku}`);

  /** Puts `between` in the way of renewals. */
  const renewing =
    (between: (renew: () => Promise<unknown>) => Promise<unknown>) =>
    ({ redis }: TestNode) => ({
      redis: replacing(redis, {
        run: (script: RedisScript, keys, args) => {
          const run = () => redis.run(script, keys, args);
          return script.name === 'renew-lease' ? (between(run) as ReturnType<typeof run>) : run();
        },
      }),
    });

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  test('a holder keeps the lock for as long as it works', async () => {
    const [a, b] = [await contender(), await contender()];
    const held = await a.hold();
    expect((await b.acquire({ waitMs: LONGER_MS })).kind).toBe('contended');
    expect(held.isLost!()).toBe(false);
    expect(await held.release()).toBe('released');
    expect((await b.acquire({ waitMs: 0 })).kind).toBe('held');
  });

  test('a holder knows that its lock is gone, of one key or of several', async () => {
    const a = await contender();
    const one = await a.hold({ keys: [key(0)] });
    const several = await a.hold({ keys: [key(1), key(2)] });
    expect([one.isLost!(), several.isLost!()]).toEqual([false, false]);
    await a.node.redis.call('DEL', key(0), key(2));
    await Promise.all([untilLost(one), untilLost(several)]);
    expect(await one.release()).toBe('expired');
    expect(await several.release()).toBe('expired');
  });

  test('a holder whose renewals all fail knows when its lease is over', async () => {
    const a = await contender(renewing(() => Promise.reject(new BackendError('redis', 'none', 'refused'))));
    const b = await contender();
    const held = await a.hold();
    await untilLost(held);
    await b.hold();
    expect(await held.release()).toBe('expired');
  });

  test('one renewal that fails does not lose the lock', async () => {
    let failures = 0;
    const flaky = renewing((renew) => {
      failures += 1;
      return failures === 1 ? Promise.reject(new BackendError('redis', 'unknown', 'reset')) : renew();
    });
    const [a, b] = [await contender(flaky), await contender()];
    const held = await a.hold();
    expect((await b.acquire({ waitMs: LONGER_MS })).kind).toBe('contended');
    expect(held.isLost!()).toBe(false);
    expect(await held.release()).toBe('released');
  });

  test('an order whose lease is lost before it is published is called off', async () => {
    let onLost = () => {};
    const lost = new Promise<void>((resolve) => {
      onLost = resolve;
    });
    let breaks = true;
    const shop = await openShop(
      space,
      { lock: { name: 'watchdog', options: { ttlMs: TTL_MS } } },
      ({ redis }) => ({
        redis: replacing(redis, {
          run: async (script, keys, args) => {
            const reply = await redis.run(script, keys, args);
            if (script.name === 'renew-lease' && reply === 0) onLost();
            if (script.name === 'reserve' && breaks) {
              await redis.call('DEL', key(0));
              await lost;
              await turnOfTheLoop();
            }
            return reply;
          },
        }),
      }),
    );
    await space.define();
    await seedProducts(shop.node.postgres, 1, new SeededRandom(1));
    await Promise.all([shop.queue.declare(), shop.stock.seed([5])]);
    const order = { key: 1, user: 1, lines: linesOf(2) };
    expect(await shop.target.place(order)).toEqual({ kind: 'contended' });
    const { telemetry } = shop.node;
    expect(telemetry.of('queue.published')).toBe(0);
    expect(telemetry.of('lock.expired')).toBe(1);
    expect(telemetry.of('lock.acquired')).toBe(2);
    expect(await shop.stock.levels()).toEqual([5]);
    breaks = false;
    expect(await shop.target.place(order)).toMatchObject({ kind: 'accepted', replayed: false });
    expect(await shop.stock.levels()).toEqual([3]);
  });
});

import { expect, test } from 'vitest';
import type { EngineContext } from '../../../src/engine/strategy.ts';
import { namespaceOf } from '../../../src/engine/namespace.ts';
import { REGISTRY } from '../../../src/engine/registry.ts';
import type { ProductView } from '../../../src/engine/types.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { SimulatedRedisServer } from '../../../src/backends/simulated/redis.ts';
import { sleep } from '../../../src/kernel/clock.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { Tally } from '../../support/tally.ts';

const view = (version: number): ProductView => ({ sku: 0, priceCents: 1, soldOut: false, version });

/** Runs `scene` on a cache of simulated time. */
const inVirtualTime = async (
  scene: (cache: ReturnType<(typeof aside)['open']>, clock: VirtualClock) => Promise<void>,
) => {
  const clock = new VirtualClock(0);
  const random = new SeededRandom(1);
  const redis = new SimulatedRedisServer({ clock, random }).connect();
  const telemetry = new Tally();
  const context = {
    redis,
    clock,
    random,
    telemetry,
    namespace: namespaceOf('t'),
  } as unknown as EngineContext;
  let ended = false;
  const played = scene(aside.open(aside.options.parse({ ttlMs: 100, jitter: 0 }), context), clock).finally(
    () => {
      ended = true;
    },
  );
  await clock.run(() => ended);
  await played;
};

const aside = REGISTRY.cache['aside']!;

test('an entry ends with its time to live', () =>
  inVirtualTime(async (cache, clock) => {
    let version = 1;
    const load = () => Promise.resolve(view(version));
    await cache.read(0, load);
    version = 2;
    await sleep(clock, 99);
    expect(await cache.read(0, load)).toEqual(view(1));
    await sleep(clock, 2);
    expect(await cache.read(0, load)).toEqual(view(2));
  }));

test('a load that outlasts many times to live still cannot bring an old state back', () =>
  inVirtualTime(async (cache, clock) => {
    const slow = cache.read(0, async () => {
      await sleep(clock, 5_000);
      return view(1);
    });
    await sleep(clock, 1);
    await cache.invalidate(0, 2);
    await slow;
    expect(await cache.read(0, () => Promise.resolve(view(2)))).toEqual(view(2));
  }));

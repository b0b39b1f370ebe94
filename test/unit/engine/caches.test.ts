import { expect, test } from 'vitest';
import { BackendError } from '../../../src/backends/ports.ts';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { SimulatedRedisServer } from '../../../src/backends/simulated/redis.ts';
import type { CachePort } from '../../../src/engine/cache/port.ts';
import { namespaceOf } from '../../../src/engine/namespace.ts';
import { REGISTRY } from '../../../src/engine/registry.ts';
import type { EngineContext } from '../../../src/engine/strategy.ts';
import type { ProductView } from '../../../src/engine/types.ts';
import { sleep } from '../../../src/kernel/clock.ts';
import { SeededRandom, type Random } from '../../../src/kernel/random.ts';
import { Tally } from '../../../src/contract/tally.ts';

const view = (version: number): ProductView => ({ sku: 0, priceCents: 1, soldOut: false, version });

interface Scene {
  readonly clock: VirtualClock;
  /** The cache of another node. */
  readonly node: (name: string, options?: Record<string, unknown>, random?: Random) => CachePort;
  readonly telemetry: Tally;
}

/** Plays a scene on simulated time. */
const inVirtualTime = async (play: (scene: Scene) => Promise<void>) => {
  const clock = new VirtualClock(0);
  const server = new SimulatedRedisServer({ clock, random: new SeededRandom(1) });
  const telemetry = new Tally();
  let nodes = 0;
  const node: Scene['node'] = (name, options = {}, random = new SeededRandom(nodes)) => {
    const strategy = REGISTRY.cache[name]!;
    const context = {
      redis: server.connect(),
      clock,
      random,
      telemetry,
      namespace: namespaceOf('t'),
      node: nodes,
    };
    nodes += 1;
    return strategy.open(
      strategy.options.parse({ ttlMs: 100, jitter: 0, ...options }),
      context as unknown as EngineContext,
    );
  };
  let ended = false;
  const played = play({ clock, node, telemetry }).finally(() => {
    ended = true;
  });
  await clock.run(() => ended);
  await played;
};

/** Always draws the same number. */
const drawing = (number: number): Random => ({ next: () => number, integer: () => 0 });

test.each(['aside', 'write-through', 'write-behind', 'single-flight', 'xfetch'])(
  '%s: an entry ends with its time to live',
  (name) =>
    inVirtualTime(async ({ clock, node }) => {
      const cache = node(name);
      let version = 1;
      const load = () => Promise.resolve(view(version));
      await cache.read(0, load);
      version = 2;
      await sleep(clock, 99);
      expect(await cache.read(0, load)).toEqual(view(1));
      await sleep(clock, 2);
      expect(await cache.read(0, load)).toEqual(view(2));
    }),
);

test.each(['aside', 'write-through', 'write-behind', 'single-flight', 'swr', 'xfetch'])(
  '%s: a load that outlasts many times to live still cannot bring an old state back',
  (name) =>
    inVirtualTime(async ({ clock, node }) => {
      const cache = node(name);
      let version = 1;
      const slow = cache.read(0, async () => {
        const read = view(version);
        await sleep(clock, 5_000);
        return read;
      });
      await sleep(clock, 1);
      version = 2;
      await cache.invalidate(view(2));
      await slow;
      expect(await cache.read(0, () => Promise.resolve(view(version)))).toEqual(view(2));
    }),
);

test('write-through: a change is read without a load, and an older one that comes late changes nothing', () =>
  inVirtualTime(async ({ node, telemetry }) => {
    const [writer, reader] = [node('write-through'), node('write-through')];
    await writer.invalidate(view(3));
    await writer.invalidate(view(2));
    const load = () => Promise.resolve(view(9));
    expect(await reader.read(0, load)).toEqual(view(3));
    expect(telemetry.of('cache.loads')).toBe(0);
  }));

test('single-flight: while one node loads, the others wait for its entry', () =>
  inVirtualTime(async ({ clock, node }) => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      await sleep(clock, 500);
      return view(1);
    };
    const nodes = [1, 2, 3].map(() => node('single-flight', { leaseMs: 1_000, ttlMs: 5_000 }));
    const reads = nodes.flatMap((cache) => [cache.read(0, load), cache.read(0, load)]);
    expect(await Promise.all(reads)).toEqual(reads.map(() => view(1)));
    expect(loads).toBe(1);
    // The longest pause between two looks, and no longer, comes on top of the load.
    expect(clock.now()).toBeLessThan(560);
  }));

test('single-flight: a node that dies with its lease holds the others up no longer than the lease', () =>
  inVirtualTime(async ({ clock, node }) => {
    const [dying, other] = [node('single-flight', { leaseMs: 300 }), node('single-flight', { leaseMs: 300 })];
    void dying.read(0, () => new Promise(() => {}));
    await sleep(clock, 1);
    expect(await other.read(0, () => Promise.resolve(view(1)))).toEqual(view(1));
    expect(clock.now()).toBeGreaterThanOrEqual(300);
    expect(clock.now()).toBeLessThan(360);
  }));

test('single-flight: a failed load gives the lease back', () =>
  inVirtualTime(async ({ clock, node }) => {
    const [failing, other] = [node('single-flight'), node('single-flight')];
    const failure = new BackendError('postgres', 'none', 'down');
    await expect(failing.read(0, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await other.read(0, () => Promise.resolve(view(1)))).toEqual(view(1));
    expect(clock.now()).toBeLessThan(1);
  }));

test('readers who joined a load after a change that it does not know are told the new state', () =>
  inVirtualTime(async ({ clock, node }) => {
    const [here, there] = [node('swr'), node('swr')];
    let version = 1;
    const load = async () => {
      const read = view(version);
      await sleep(clock, 50);
      return read;
    };
    const first = here.read(0, load);
    await sleep(clock, 10);
    version = 2;
    await there.invalidate(view(2));
    const joined = await here.read(0, load);
    expect(joined).toEqual(view(2));
    await first;
  }));

const SWR = { ttlMs: 100, staleMs: 400, refreshMs: 50 };

test('swr: a stale entry is served at once and loaded behind it, by one node', () =>
  inVirtualTime(async ({ clock, node, telemetry }) => {
    const nodes = [node('swr', SWR), node('swr', SWR)] as const;
    let version = 1;
    const load = async () => {
      await sleep(clock, 20);
      return view(version);
    };
    await nodes[0].read(0, load);
    version = 2;
    await sleep(clock, 101);
    const askedMs = clock.now();
    for (const cache of [...nodes, ...nodes]) expect(await cache.read(0, load)).toEqual(view(1));
    expect(clock.now()).toBe(askedMs);
    await sleep(clock, 21);
    for (const cache of nodes) expect(await cache.read(0, load)).toEqual(view(2));
    expect(telemetry.of('cache.loads')).toBe(2);
  }));

test('swr: past its hard time to live an entry is not served', () =>
  inVirtualTime(async ({ clock, node }) => {
    const cache = node('swr', SWR);
    await cache.read(0, () => Promise.resolve(view(1)));
    await sleep(clock, 501);
    expect(await cache.read(0, () => Promise.resolve(view(2)))).toEqual(view(2));
  }));

test('swr: while the database is down the stale entry stays, and is tried again', () =>
  inVirtualTime(async ({ clock, node, telemetry }) => {
    const cache = node('swr', SWR);
    await cache.read(0, () => Promise.resolve(view(1)));
    await sleep(clock, 101);
    const down = () => Promise.reject(new BackendError('postgres', 'none', 'down'));
    expect(await cache.read(0, down)).toEqual(view(1));
    await sleep(clock, 51);
    expect(await cache.read(0, () => Promise.resolve(view(2)))).toEqual(view(1));
    await sleep(clock, 1);
    expect(await cache.read(0, down)).toEqual(view(2));
    expect(telemetry.of('cache.loads')).toBe(3);
  }));

test('swr: a node refreshes no more products at once than it may', () =>
  inVirtualTime(async ({ clock, node, telemetry }) => {
    const cache = node('swr', { ...SWR, refreshes: 2 });
    const skus = [0, 1, 2, 3, 4];
    for (const sku of skus) await cache.read(sku, () => Promise.resolve({ ...view(1), sku }));
    await sleep(clock, 101);
    const endless = () => new Promise<undefined>(() => {});
    for (const sku of skus) await cache.read(sku, endless);
    await sleep(clock, 1);
    expect(telemetry.of('cache.loads')).toBe(skus.length + 2);
  }));

test.each([
  // -ln(1 - 0.9) is 2.3: the draw reaches 2.3 loads ahead of the end, times beta.
  { beta: 1, leftMs: 24, early: false },
  { beta: 1, leftMs: 22, early: true },
  { beta: 2, leftMs: 45, early: true },
  { beta: 2, leftMs: 47, early: false },
  { beta: 0, leftMs: 1, early: false },
])(
  'xfetch: with beta $beta and $leftMs ms left, a load of 10 ms is early: $early',
  ({ beta, leftMs, early }) =>
    inVirtualTime(async ({ clock, node }) => {
      const cache = node('xfetch', { beta }, drawing(0.9));
      let version = 1;
      const load = async () => {
        const read = view(version);
        await sleep(clock, 10);
        return read;
      };
      await cache.read(0, load);
      version = 2;
      await sleep(clock, 100 - leftMs);
      expect(await cache.read(0, load)).toEqual(view(early ? 2 : 1));
    }),
);

/** What a read takes from the database, in simulated time. */
const slowly = (clock: VirtualClock) => async () => {
  await sleep(clock, 10);
  return view(1);
};

test.each([
  ['aside', 4],
  ['write-through', 4],
  ['write-behind', 4],
  ['near', 2],
  ['swr', 2],
  ['xfetch', 2],
  ['single-flight', 1],
])('%s: four readers on two nodes make %i loads of one expiry', (name, loads) =>
  inVirtualTime(async ({ clock, node, telemetry }) => {
    // Longer than any entry of this test lives, and never early.
    const nodes = [node(name, {}, drawing(0)), node(name, {}, drawing(0))];
    for (const expiry of [1, 2, 3]) {
      await Promise.all([...nodes, ...nodes].map((cache) => cache.read(0, slowly(clock))));
      expect([telemetry.of('cache.loads'), telemetry.of('cache.expiries')]).toEqual([loads * expiry, expiry]);
      await sleep(clock, 60_000);
    }
  }),
);

test('swr: a soft expiry and its refresh are one of each', () =>
  inVirtualTime(async ({ clock, node, telemetry }) => {
    const cache = node('swr', SWR);
    await cache.read(0, slowly(clock));
    await sleep(clock, 101);
    await cache.read(0, slowly(clock));
    await sleep(clock, 11);
    expect([telemetry.of('cache.loads'), telemetry.of('cache.expiries')]).toEqual([2, 2]);
  }));

test('xfetch: two nodes that are early at once load once in vain', () =>
  inVirtualTime(async ({ clock, node, telemetry }) => {
    const nodes = [node('xfetch', {}, drawing(0.9)), node('xfetch', {}, drawing(0.9))];
    await nodes[0]!.read(0, slowly(clock));
    await sleep(clock, 80);
    await Promise.all(nodes.map((cache) => cache.read(0, slowly(clock))));
    expect([telemetry.of('cache.loads'), telemetry.of('cache.expiries')]).toEqual([3, 2]);
  }));

test('a load that a change has overtaken is one in vain', () =>
  inVirtualTime(async ({ clock, node, telemetry }) => {
    const cache = node('aside');
    const overtaken = cache.read(0, slowly(clock));
    await sleep(clock, 5);
    await cache.invalidate(view(2));
    await overtaken;
    await cache.read(0, () => Promise.resolve(view(2)));
    expect([telemetry.of('cache.loads'), telemetry.of('cache.expiries')]).toEqual([2, 1]);
  }));

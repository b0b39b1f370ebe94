import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackendError } from '../../src/backends/ports.ts';
import type {
  HeldLock,
  LockOutcome,
  LockPort,
  LockRequest,
  LockStrategy,
} from '../../src/engine/lock/port.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import { closeBackends } from '../../src/load/connect.ts';
import { stillClock } from '../support/clocks.ts';
import { optionsOf } from '../support/options.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

const LOCKS = Object.values(REGISTRY.lock);
const EXCLUDING = LOCKS.filter(({ guarantees }) => guarantees.mutualExclusion !== 'none');
const FAIR = LOCKS.filter(({ guarantees }) => guarantees.fair);
const FENCED = LOCKS.filter(({ guarantees }) => guarantees.mutualExclusion === 'fenced');
const LEASED = EXCLUDING.filter(({ uses }) => uses.includes('redis'));
/** Locks whose release frees whoever holds them then, which is why their pages advise against them. */
const WITHOUT_OWNER = new Set(['setnx']);

const LONG_MS = 30_000;

interface Contender {
  readonly node: TestNode;
  readonly lock: LockPort;
}

describe.each(WORLDS)('locks, $world', ({ open }) => {
  let space: Space;
  const key = (sku: number) => space.namespace.key(`lock:${sku}`);

  const contender = async (
    strategy: LockStrategy,
    { options = {}, clock }: { options?: Record<string, unknown>; clock?: TestNode['clock'] } = {},
  ): Promise<Contender> => {
    const node = await space.node(clock && { clock });
    return { node, lock: strategy.open(optionsOf(strategy, options), node) };
  };

  const acquire = ({ lock }: Contender, request: Partial<LockRequest> = {}) =>
    lock.acquire({ keys: [key(0)], waitMs: LONG_MS, ...request });

  const hold = async (by: Contender, request: Partial<LockRequest> = {}): Promise<HeldLock> => {
    const outcome = await acquire(by, request);
    if (outcome.kind !== 'held') throw new Error(`the lock is ${outcome.kind}`);
    return outcome;
  };

  /** Until everything that a node has sent before is answered. */
  const settle = async ({ node }: Contender) => {
    for (let round = 0; round < 5; round += 1) {
      await node.redis.call('PING');
      await turnOfTheLoop();
    }
  };

  /** Two nodes of 50 tasks each count up one number, with turns of the loop between reading and writing it. */
  const countUp = async (strategy: LockStrategy) => {
    const nodes = [await contender(strategy), await contender(strategy)];
    let number = 0;
    let inside = 0;
    let overlaps = 0;
    const task = async (by: Contender) => {
      const held = await hold(by);
      inside += 1;
      if (inside > 1) overlaps += 1;
      const read = number;
      await turnOfTheLoop();
      await turnOfTheLoop();
      number = read + 1;
      inside -= 1;
      return held.release();
    };
    const releases = await Promise.all(Array.from({ length: 100 }, (_, i) => task(nodes[i % 2]!)));
    return { number, overlaps, releases };
  };

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  test('without one, holders overlap and counts are lost', async () => {
    const { number, overlaps } = await countUp(REGISTRY.lock['none']!);
    expect(overlaps).toBeGreaterThan(0);
    expect(number).toBeLessThan(100);
  });

  describe.each(EXCLUDING)('$name', (strategy) => {
    test('one holder at a time, among the tasks of a node and among nodes', async () => {
      const { number, overlaps, releases } = await countUp(strategy);
      expect({ number, overlaps }).toEqual({ number: 100, overlaps: 0 });
      expect(new Set(releases)).toEqual(new Set(['released']));
    });

    test('several keys at once, without a deadlock and without an overlap', async () => {
      const nodes = [await contender(strategy), await contender(strategy)];
      const holders = new Map<number, number>();
      let overlaps = 0;
      const task = async (i: number) => {
        const skus = [0, 1, 2, 3].filter((sku) => (i >> sku) % 2 === 1);
        const held = await hold(nodes[Math.floor(i / 16)]!, { keys: skus.map(key) });
        for (const sku of skus) {
          if (holders.has(sku)) overlaps += 1;
          holders.set(sku, i);
        }
        await turnOfTheLoop();
        for (const sku of skus) holders.delete(sku);
        return held.release();
      };
      const releases = await Promise.all(Array.from({ length: 32 }, (_, i) => task(i)));
      expect(overlaps).toBe(0);
      expect(new Set(releases)).toEqual(new Set(['released']));
    });

    test('what was taken of several keys is free again when one of them cannot be had', async () => {
      const [a, b] = [await contender(strategy), await contender(strategy)];
      await hold(a, { keys: [key(1)] });
      expect((await acquire(b, { keys: [key(0), key(1)], waitMs: 5 })).kind).toBe('contended');
      expect((await acquire(a, { waitMs: 0 })).kind).toBe('held');
    });

    test('a wait is bounded, for a node that holds the lock as for another', async () => {
      const [a, b] = [await contender(strategy), await contender(strategy)];
      await hold(a);
      const outcomes = await Promise.all([acquire(a, { waitMs: 30 }), acquire(b, { waitMs: 30 })]);
      for (const outcome of outcomes) {
        expect(outcome).toEqual({ kind: 'contended', waitedMs: expect.any(Number) as number });
        // Timers may be a millisecond early.
        expect((outcome as { waitedMs: number }).waitedMs).toBeGreaterThan(28);
      }
    });

    test('a signal ends a wait, wherever it is waited', async () => {
      const [a, b] = [await contender(strategy), await contender(strategy, { clock: stillClock })];
      const held = await hold(a);
      const abort = new AbortController();
      const waits = [1, 2].map(() => acquire(b, { signal: abort.signal }));
      await settle(b);
      abort.abort();
      expect((await Promise.all(waits)).map(({ kind }) => kind)).toEqual(['contended', 'contended']);
      await held.release();
      expect((await acquire(b, { signal: abort.signal })).kind).toBe('contended');
      expect((await acquire(a, { waitMs: 0 })).kind).toBe('held');
    });

    test('a waiter that gave up is passed over', async () => {
      const a = await contender(strategy, { clock: stillClock });
      const held = await hold(a);
      const abort = new AbortController();
      const impatient = acquire(a, { signal: abort.signal });
      const patient = acquire(a);
      abort.abort();
      expect((await impatient).kind).toBe('contended');
      await held.release();
      expect((await patient).kind).toBe('held');
    });

    test('a release wakes the waiters of other nodes, as promised', async () => {
      const [a, b] = [await contender(strategy), await contender(strategy, { clock: stillClock })];
      let held = await hold(a);
      const abort = new AbortController();
      const outcomes: LockOutcome[] = [];
      const wait = acquire(b, { signal: abort.signal }).then((outcome) => outcomes.push(outcome));
      for (let round = 0; round < 20 && outcomes.length === 0; round += 1) {
        await settle(b);
        await held.release();
        await settle(b);
        const again = await acquire(a, { waitMs: 0 });
        if (again.kind === 'held') held = again;
      }
      abort.abort();
      await wait;
      expect(outcomes[0]?.kind).toBe(strategy.guarantees.wakesWaiters ? 'held' : 'contended');
    });

    test('a crashed holder stalls the others for its lease or for ever, as stated', async () => {
      const options = strategy.guarantees.survivesCrash ? { ttlMs: 100 } : {};
      const [a, b] = [await contender(strategy, { options }), await contender(strategy, { options })];
      await hold(a);
      await closeBackends(a.node);
      const outcome = await acquire(b, { waitMs: strategy.guarantees.survivesCrash ? LONG_MS : 300 });
      expect(outcome.kind).toBe(strategy.guarantees.survivesCrash ? 'held' : 'contended');
    });

    test('a failing service is an error for everyone, and nobody waits behind it', async () => {
      const b = await contender(strategy, { clock: stillClock });
      const held = await hold(b);
      const waiting = Promise.allSettled([acquire(b)]);
      await settle(b);
      await closeBackends(b.node);
      await expect(held.release()).rejects.toBeInstanceOf(BackendError);
      const further = await Promise.allSettled([acquire(b), acquire(b), acquire(b)]);
      for (const outcome of [...(await waiting), ...further])
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(BackendError) as unknown });
    });
  });

  test.each(FAIR)('$name serves first come, first served, over all nodes', async (strategy) => {
    const nodes = [await contender(strategy), await contender(strategy), await contender(strategy)];
    const held = await hold(nodes[0]!);
    const served: number[] = [];
    const waits: Promise<unknown>[] = [];
    for (const [place, node] of [1, 2, 2, 0, 1, 0, 0, 2, 1].entries()) {
      const by = nodes[node]!;
      const wait = async () => {
        const turn = await hold(by);
        served.push(place);
        await turn.release();
      };
      waits.push(wait());
      await settle(by);
      await settle(nodes[0]!);
    }
    await held.release();
    await Promise.all(waits);
    expect(served).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.each(FENCED)(
    '$name gives each holder a newer fence than all before it of any key',
    async (strategy) => {
      const nodes = [await contender(strategy), await contender(strategy)];
      const newest = new Map<number, number>();
      const stale: string[] = [];
      const task = async (i: number) => {
        const skus = [[0], [0, 1], [1], [0], [1, 2], [0, 1, 2]][i % 6]!;
        const held = await hold(nodes[i % 2]!, { keys: skus.map(key) });
        const fence = held.fence!;
        await turnOfTheLoop();
        for (const sku of skus) {
          const before = newest.get(sku) ?? 0;
          if (!(fence > before)) stale.push(`${fence} after ${before}`);
          newest.set(sku, fence);
        }
        await held.release();
      };
      await Promise.all(Array.from({ length: 60 }, (_, i) => task(i)));
      expect(stale).toEqual([]);
      expect(newest.size).toBe(3);
    },
  );

  describe.each(LEASED)('$name, when its lease is lost', (strategy) => {
    test('the release says so', async () => {
      const a = await contender(strategy);
      const held = await hold(a, { keys: [key(0), key(1)] });
      await a.node.redis.call('DEL', key(0));
      expect(await held.release()).toBe('expired');
      expect(await (await hold(a, { keys: [key(0), key(1)] })).release()).toBe('released');
    });

    test('the late release leaves the next holder its lock, if locks have owners', async () => {
      const [a, b, c] = [await contender(strategy), await contender(strategy), await contender(strategy)];
      const late = await hold(a);
      await a.node.redis.call('DEL', key(0));
      const next = await hold(b);
      expect(next.kind).toBe('held');
      const owned = !WITHOUT_OWNER.has(strategy.name);
      expect(await late.release()).toBe(owned ? 'expired' : 'released');
      expect((await acquire(c, { waitMs: 0 })).kind).toBe(owned ? 'contended' : 'held');
    });
  });

  test("setnx with an expiry: whoever overruns it frees the next one's lock", async () => {
    const strategy = REGISTRY.lock['setnx']!;
    const options = { ttlMs: 30 };
    const [a, b, c] = [
      await contender(strategy, { options }),
      await contender(strategy),
      await contender(strategy),
    ];
    const overrun = await hold(a);
    await hold(b);
    expect(await overrun.release()).toBe('released');
    expect((await acquire(c, { waitMs: 0 })).kind).toBe('held');
  });

  test('token: the first of several leases may lapse while the last key is waited for', async () => {
    const strategy = REGISTRY.lock['token']!;
    const [a, b] = [await contender(strategy), await contender(strategy, { options: { ttlMs: 20 } })];
    const other = await hold(a, { keys: [key(1)] });
    const wait = acquire(b, { keys: [key(0), key(1)] });
    await settle(b);
    // Had as soon as the lease of the first key is over.
    await hold(a, { keys: [key(0)] });
    await other.release();
    expect((await wait).kind).toBe('contended');
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Contender } from '../../src/contract/lock/contender.ts';
import { oneAtATime } from '../../src/contract/lock/exclusion.ts';
import { LOCK_PROPERTIES } from '../../src/contract/lock.ts';
import { judge } from '../../src/contract/judge.ts';
import { REGISTRY } from '../../src/engine/registry.ts';
import { stillClock } from '../support/clocks.ts';
import { judgedOf, RACES, WORLDS, type Space } from '../support/worlds.ts';

const EXCLUDING = Object.values(REGISTRY.lock).filter(
  ({ guarantees }) => guarantees.mutualExclusion !== 'none',
);

/** What the pages of some locks say of themselves. */
const KNOWN: Readonly<Record<string, Readonly<Record<string, 'broken' | 'not-judged'>>>> = {
  setnx: {
    'a holder that outlives its lease is told, and leaves the next holder its lock': 'broken',
    'a lease that is over before the answer comes is not held': 'broken',
  },
  'pg-advisory': {
    'a holder that outlives its lease is told, and leaves the next holder its lock': 'not-judged',
  },
};

describe.each(RACES)('locks, $world', (races) => {
  test('without one, holders overlap and counts are lost', async () => {
    const promising = {
      ...REGISTRY.lock['none']!,
      guarantees: REGISTRY.lock['token']!.guarantees,
    };
    expect(await judge(oneAtATime, promising, races.races())).toEqual({
      kind: 'broken',
      evidence: expect.stringMatching(/^of 100 holders \d+ came in while another was inside/) as string,
    });
  });

  describe.each(EXCLUDING)('$name', (strategy) => {
    test.each(judgedOf(LOCK_PROPERTIES, strategy, races))('$name', async ({ name, judgement }) => {
      const judged = await judgement();
      expect(judged).toMatchObject({ kind: KNOWN[strategy.name]?.[name] ?? 'held' });
    });
  });
});

describe.each(WORLDS)('single locks, $world', ({ open }) => {
  let space: Space;

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  test("setnx with an expiry: whoever overruns it frees the next one's lock", async () => {
    const strategy = REGISTRY.lock['setnx']!;
    const a = await Contender.of(strategy, space, { options: { ttlMs: 30 } });
    const [b, c] = [await Contender.of(strategy, space), await Contender.of(strategy, space)];
    const overrun = await a.hold();
    await b.hold();
    expect(await overrun.release()).toBe('released');
    expect((await c.acquire({ waitMs: 0 })).kind).toBe('held');
  });

  test('token: the first of several leases may lapse while the last key is waited for', async () => {
    const strategy = REGISTRY.lock['token']!;
    const a = await Contender.of(strategy, space);
    const b = await Contender.of(strategy, space, { options: { ttlMs: 20 } });
    const other = await a.hold({ keys: [a.key(1)] });
    const wait = b.acquire({ keys: [b.key(0), b.key(1)] });
    await b.settle(space);
    // Had as soon as the lease of the first key is over.
    await a.hold();
    await other.release();
    expect((await wait).kind).toBe('contended');
  });

  test('setnx wakes nobody: who waits without a timer waits in vain', async () => {
    const strategy = REGISTRY.lock['setnx']!;
    const a = await Contender.of(strategy, space);
    const b = await Contender.of(strategy, space, {
      changes: () => ({ clock: stillClock }),
    });
    const held = await a.hold();
    const abort = new AbortController();
    const wait = b.acquire({ signal: abort.signal });
    await b.settle(space);
    await held.release();
    await b.settle(space);
    abort.abort();
    expect((await wait).kind).toBe('contended');
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError, type Redis, type RedisReply } from '../../src/backends/ports.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { Contender } from '../support/contenders.ts';
import { replacing } from '../../src/contract/faults.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

type Fault = (master: Redis) => Redis;

/** Every request of a master through `between`. */
const through =
  (between: (request: () => Promise<RedisReply>) => Promise<RedisReply>): Fault =>
  (master) =>
    replacing(master, {
      call: (command, ...args) => between(() => master.call(command, ...args)),
      run: (script, keys, args) => between(() => master.run(script, keys, args)),
    });

const endless = new Promise<never>(() => {});
const down = through(() => Promise.reject(new BackendError('redis', 'none', 'down')));
const silent = through(() => endless);
/** Does what it is asked and says nothing. */
const mute = through((request) => request().then(() => endless));

/** The first masters of a node with these faults. */
const withFaults =
  (...faults: readonly Fault[]) =>
  ({ lockMasters }: TestNode) => ({
    lockMasters: lockMasters.map((master, index) => faults[index]?.(master) ?? master),
  });

describe.each(WORLDS)('redlock, $world', ({ open }) => {
  let space: Space;
  let key: string;

  const contender = (changes?: (node: TestNode) => Partial<TestNode>, masters = 5) =>
    Contender.of(space, 'redlock', changes, { masterTimeoutMs: 100, masters });

  /** On how many masters the key is set. */
  const votes = async ({ node }: Contender): Promise<number> => {
    const set = await Promise.all(node.lockMasters.map((master) => master.call('EXISTS', key)));
    return set.map(Number).reduce((sum, one) => sum + one, 0);
  };

  /** What is given back is waited for only as far as it decides anything. */
  const noVotesAreLeft = (by: Contender) =>
    vi.waitFor(async () => expect(await votes(by)).toBe(0), { timeout: 10_000 });

  beforeEach(async () => {
    space = await open(5);
    key = space.namespace.key('lock:0');
  });
  afterEach(() => space.close());

  test.each([
    { minority: 'down', faults: [down, down] },
    { minority: 'silent', faults: [silent, silent] },
    { minority: 'down, and one that answers nobody', faults: [down, mute] },
  ])('a minority that is $minority keeps nobody from holding, nor from excluding', async ({ faults }) => {
    const [a, b] = [await contender(withFaults(...faults)), await contender()];
    const held = await a.hold();
    expect((await b.acquire({ waitMs: 0 })).kind).toBe('contended');
    expect(await held.release()).toBe('released');
    expect(await b.hold().then((lock) => lock.release())).toBe('released');
  });

  test('a majority that is down is an error, and what the others granted is given back', async () => {
    const [a, b] = [await contender(withFaults(down, down, down)), await contender()];
    await expect(a.acquire()).rejects.toThrow('a majority of the lock masters cannot be reached');
    await noVotesAreLeft(b);
  });

  test('a majority that is silent ends the wait within its bound, and leaves no vote', async () => {
    const [a, b] = [await contender(withFaults(mute, mute, mute)), await contender()];
    expect((await a.acquire({ waitMs: 150 })).kind).toBe('contended');
    await noVotesAreLeft(b);
  });

  test('a vote that did not answer is given back all the same', async () => {
    const [a, b] = [await contender(withFaults(mute, mute)), await contender()];
    const held = await a.hold();
    expect(await votes(b)).toBe(5);
    await held.release();
    await noVotesAreLeft(b);
  });

  test('a tied vote is held by neither, and comes to an end', async () => {
    const [a, b] = [await contender(undefined, 4), await contender()];
    const [first, second] = b.node.lockMasters;
    for (const master of [first!, second!]) await master.call('SET', key, 'of another', 'PX', 60_000);
    expect((await a.acquire({ waitMs: 10 })).kind).toBe('contended');
    await vi.waitFor(async () => expect(await votes(b)).toBe(2), { timeout: 10_000 });
  });

  test('a lock that is granted when its lease is over is given back', async () => {
    let pausedMs = 0;
    const pausing = through(async (request) => {
      const reply = await request();
      pausedMs += 20_000;
      return reply;
    });
    const [a, b] = [
      await contender((node) => ({
        ...withFaults(pausing, pausing, pausing, pausing, pausing)(node),
        clock: { ...wallClock, now: () => wallClock.now() + pausedMs },
      })),
      await contender(),
    ];
    expect((await a.acquire({ waitMs: 0 })).kind).toBe('contended');
    expect(pausedMs).toBeGreaterThan(0);
    await noVotesAreLeft(b);
  });

  test("what a holder may rely on is the lease less a share for the masters' clocks", async () => {
    const { validForMs } = await (await contender()).hold();
    expect(validForMs).toBeLessThanOrEqual(10_000 - 102);
    expect(validForMs).toBeGreaterThan(0);
  });

  test.each([
    { lost: 2, outcome: 'released' },
    { lost: 3, outcome: 'expired' },
  ])('with $lost of 5 votes lost the release answers $outcome', async ({ lost, outcome }) => {
    const a = await contender();
    const held = await a.hold();
    await Promise.all(a.node.lockMasters.slice(0, lost).map((master) => master.call('DEL', key)));
    expect(await held.release()).toBe(outcome);
  });

  test('a release that a majority does not answer is an error', async () => {
    let breaks = false;
    const breaking = through((request) => (breaks ? endless : request()));
    const a = await contender(withFaults(breaking, breaking, breaking));
    const held = await a.hold();
    breaks = true;
    await expect(held.release()).rejects.toThrow('too few lock masters answered the release');
  });
});

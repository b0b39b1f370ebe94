import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackendError } from '../../src/backends/ports.ts';
import { ENTER } from '../../src/engine/lock/fifo-scripts.ts';
import { closeBackends } from '../../src/load/connect.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { stillClock } from '../support/clocks.ts';
import { Contender } from '../support/contenders.ts';
import { replacing } from '../../src/contract/faults.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';

/** Nothing is found by asking: whatever ends a wait is a grant. */
const still = () => ({ clock: stillClock });

const deaf = ({ redis }: TestNode) => ({
  redis: replacing(redis, { subscribe: () => Promise.resolve(() => Promise.resolve()) }),
});

const losingGrants = ({ redis }: TestNode) => ({
  redis: replacing(redis, { subscribe: (channel) => redis.subscribe(channel, () => {}) }),
});

/** A node whose clock can be put forward, as if it had been paused. */
const pausable = () => {
  let pausedMs = 0;
  const clock = { ...wallClock, now: () => wallClock.now() + pausedMs };
  return { changes: () => ({ clock }), pause: (ms: number) => void (pausedMs += ms) };
};

describe.each(WORLDS)('fifo, $world', ({ open }) => {
  let space: Space;
  const contender = (changes?: (node: TestNode) => Partial<TestNode>) =>
    Contender.of(space, 'fifo', changes, { ttlMs: 10_000 });

  beforeEach(async () => {
    space = await open();
  });
  afterEach(() => space.close());

  test('a waiter that died is passed over', async () => {
    const [a, dead, b] = [await contender(), await contender(still), await contender(still)];
    const held = await a.hold();
    await dead.queueUp();
    const { turn } = await b.queueUp();
    await closeBackends(dead.node);
    await a.settle();
    await held.release();
    expect((await turn).kind).toBe('held');
  });

  test('grants that were lost on their way are found by asking, one after the other', async () => {
    const [a, b] = [await contender(), await contender(losingGrants)];
    const held = await a.hold();
    const turns = [(await b.queueUp()).turn, (await b.queueUp()).turn];
    await held.release();
    const first = await turns[0]!;
    expect((await a.acquire({ waitMs: 0 })).kind).toBe('contended');
    expect(await first.release()).toBe('released');
    expect(await (await turns[1]!).release()).toBe('released');
  });

  test('a node that did not listen when its turn came queues again', async () => {
    const [a, b] = [await contender(), await contender(deaf)];
    const held = await a.hold();
    const { turn } = await b.queueUp();
    await held.release();
    expect(await (await turn).release()).toBe('released');
  });

  test('a grant that comes when its lease is over is not taken', async () => {
    const { changes, pause } = pausable();
    const [a, b] = [await contender(), await contender(changes)];
    const held = await a.hold();
    const turn = b.acquire({ waitMs: 60_000 });
    await b.settle();
    pause(20_000);
    await held.release();
    expect((await turn).kind).toBe('contended');
    expect((await a.acquire({ waitMs: 0 })).kind).toBe('held');
  });

  test.each([
    { pausedMs: 0, lease: 'the same lease', shared: true },
    { pausedMs: 6_000, lease: 'a lease of its own', shared: false },
  ])(
    '$pausedMs ms into a lease of 10 s, the next of the node holds on $lease',
    async ({ pausedMs, shared }) => {
      const { changes, pause } = pausable();
      const [a, b, c] = [await contender(), await contender(changes), await contender()];
      const held = await a.hold();
      const turns = [(await b.queueUp()).turn, (await b.queueUp()).turn];
      const served: string[] = [];
      const behind = (await c.queueUp()).turn.then((lock) => {
        served.push('another node');
        return lock.release();
      });
      await held.release();
      const first = await turns[0]!;
      pause(pausedMs);
      expect(await first.release()).toBe('released');
      const second = await turns[1]!;
      served.push('the next of the node');
      expect(second.fence).toBeGreaterThan(first.fence!);
      // The fences of one lease follow each other.
      expect(second.fence === first.fence! + 1).toBe(shared);
      expect(await second.release()).toBe('released');
      await behind;
      expect(served).toEqual(['the next of the node', 'another node']);
    },
  );

  test('a grant that is heard again when its run is over gives nobody a second turn', async () => {
    const heard: (() => void)[] = [];
    const { changes, pause } = pausable();
    const [a, b] = [
      await contender(),
      await contender(({ redis }) => ({
        ...changes(),
        redis: replacing(redis, {
          subscribe: (channel, onMessage) =>
            redis.subscribe(channel, (message) => {
              heard.push(() => onMessage(message));
              onMessage(message);
            }),
        }),
      })),
    ];
    const held = await a.hold();
    const turns = [];
    for (let i = 0; i < 3; i += 1) turns.push((await b.queueUp()).turn);
    await held.release();
    const first = await turns[0]!;
    pause(6_000);
    await first.release();
    const second = await turns[1]!;
    let thirdHolds = false;
    const third = turns[2]!.then((lock) => {
      thirdHolds = true;
      return lock;
    });
    for (const again of heard.splice(0)) again();
    await b.settle();
    expect(thirdHolds).toBe(false);
    expect(await second.release()).toBe('released');
    expect(await (await third).release()).toBe('released');
  });

  test('who waits behind a turn that is given up has it at once', async () => {
    const [a, b] = [await contender(), await contender(still)];
    const held = await a.hold();
    const abort = new AbortController();
    const first = await b.queueUp();
    const impatient = b.acquire({ signal: abort.signal });
    const { turn } = await b.queueUp();
    await held.release();
    const holding = await first.turn;
    abort.abort();
    expect((await impatient).kind).toBe('contended');
    await holding.release();
    expect(await (await turn).release()).toBe('released');
  });

  test('a crowd of the node that holds draws tickets together, and is served in its order', async () => {
    let draws = 0;
    const a = await contender(({ redis }) => ({
      redis: replacing(redis, {
        run: (script, keys, args) => {
          if (script === ENTER) draws += 1;
          return redis.run(script, keys, args);
        },
      }),
    }));
    const held = await a.hold();
    draws = 0;
    const served: number[] = [];
    const fences: number[] = [];
    const crowd = Array.from({ length: 20 }, async (_, place) => {
      const turn = await a.hold();
      served.push(place);
      fences.push(turn.fence!);
      return turn.release();
    });
    await a.settle();
    await held.release();
    expect(new Set(await Promise.all(crowd))).toEqual(new Set(['released']));
    expect(served).toEqual([...served.keys()]);
    expect(fences).toEqual(fences.toSorted((one, other) => one - other));
    // The first three each at once.
    expect(draws).toBe(4);
  });

  test('who gathers draws a ticket as the lock leaves the node', async () => {
    // No time passes: nothing but the release has them draw it.
    const a = await contender(still);
    const held = await a.hold();
    const served: number[] = [];
    const crowd = Array.from({ length: 8 }, async (_, place) => {
      const turn = await a.hold();
      served.push(place);
      await turn.release();
    });
    await a.settle();
    await held.release();
    await Promise.all(crowd);
    expect(served).toEqual([...served.keys()]);
  });

  test('a party keeps its ticket until the last of it gives up', async () => {
    const [a, b] = [await contender(), await contender()];
    const queue = `${space.namespace.key('lock:0')}:queue`;
    const length = async () => Number(await a.node.redis.call('LLEN', queue));
    const until = async (expected: number) => {
      while ((await length()) !== expected) await a.settle();
    };
    const held = await a.hold();
    const ahead = [];
    for (let i = 0; i < 4; i += 1) ahead.push((await b.queueUp()).turn);
    const impatient = [new AbortController(), new AbortController()];
    const party = impatient.map(({ signal }) => b.acquire({ signal }));
    await until(5);
    impatient[0]!.abort();
    expect((await party[0]!).kind).toBe('contended');
    await b.settle();
    expect(await length()).toBe(5);
    impatient[1]!.abort();
    expect((await party[1]!).kind).toBe('contended');
    await until(4);
    await held.release();
    for (const turn of ahead) await (await turn).release();
  });

  test('an arrival whose answer is lost does not keep the lock', async () => {
    let breaks = true;
    const [a, b] = [
      await contender(({ redis }) => ({
        redis: replacing(redis, {
          run: async (script, keys, args) => {
            const reply = await redis.run(script, keys, args);
            if (script === ENTER && breaks) {
              breaks = false;
              throw new BackendError('redis', 'unknown', 'reset');
            }
            return reply;
          },
        }),
      })),
      await contender(),
    ];
    await expect(a.acquire()).rejects.toThrow('reset');
    await a.settle();
    expect((await b.acquire({ waitMs: 0 })).kind).toBe('held');
  });

  test('a queue that is full turns away who comes', async () => {
    const [a, b] = [await contender(), await contender(still)];
    await a.hold();
    const tickets = Array.from({ length: 10_000 }, (_, i) => `${i} 1 9999999999999 nobody ${i}`);
    const queue = `${space.namespace.key('lock:0')}:queue`;
    for (let from = 0; from < tickets.length; from += 1_000)
      await a.node.redis.call('RPUSH', queue, ...tickets.slice(from, from + 1_000));
    expect((await b.acquire()).kind).toBe('contended');
    await a.node.redis.call('LPOP', queue);
    await b.queueUp();
  });

  test('a channel that cannot be joined is an error, and is tried again', async () => {
    let fails = true;
    const b = await contender(({ redis }) => ({
      redis: replacing(redis, {
        subscribe: (channel, onMessage) =>
          fails
            ? Promise.reject(new BackendError('redis', 'none', 'refused'))
            : redis.subscribe(channel, onMessage),
      }),
    }));
    await expect(b.acquire()).rejects.toThrow('refused');
    fails = false;
    expect((await b.acquire()).kind).toBe('held');
  });
});

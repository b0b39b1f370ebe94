import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { BackendError, type Broker, type OutgoingMessage } from '../../src/backends/ports.ts';
import { openBroker } from '../../src/backends/real/rabbitmq.ts';
import { SimulatedBroker } from '../../src/backends/simulated/rabbitmq-client.ts';
import { replacing } from '../../src/contract/faults.ts';
import { queueOfKey } from '../../src/engine/lock/queue-of-key.ts';
import { wallClock, type Clock } from '../../src/kernel/clock.ts';
import { stillClock } from '../support/clocks.ts';
import { Contender } from '../support/contenders.ts';
import { WORLDS, type Space, type TestNode } from '../support/worlds.ts';
import { openRelay } from './relay.ts';

const LONG = { timeout: 10_000, interval: 5 };
const released = /^released /;
const granted = /^granted /;
const isGrant = (body: string): boolean => granted.test(body);

interface Settings {
  readonly ttlMs?: number;
  readonly queues?: number;
  readonly clock?: Clock;
}

/** A node that queues for the lock. */
interface Party {
  readonly by: Contender;
  readonly broker: Broker;
  /** What it has published. */
  readonly told: string[];
  /** The queues that it has begun to consume. */
  readonly consumed: string[];
  /** What has come to it. */
  readonly heard: string[];
  /** Tickets that came to it after they had come to another. */
  readonly inherited: string[];
  /** While it is, nobody hears of the locks that it gives. */
  isMute: boolean;
  /** So many of its next requests to consume have no answer. */
  unanswered: number;
  /** It declares its queues after this. */
  gate: Promise<void>;
  /** Breaks its connections, which come back. */
  readonly cut: () => void;
  /** Ends it, and what it has asked for stays asked. */
  readonly die: () => Promise<void>;
}

/** The nodes that have given it locks. */
const grantersOf = ({ heard }: Party) => new Set(heard.filter(isGrant).map((body) => body.split(' ')[3]));

describe.each(WORLDS)('queue-serial, $world', ({ open }) => {
  let space: Space;
  let endings: (() => Promise<void>)[];
  let queue: string;

  beforeEach(async () => {
    space = await open();
    endings = [];
    queue = space.namespace.queue(`lock.${queueOfKey('lock:0', 64)}`);
  });
  afterEach(async () => {
    await Promise.all(endings.map((end) => end()));
    await space.close();
  });

  /** The simulated broker cuts a client off by itself; before the real one there is a relay. */
  const cuttable = async ({
    broker,
  }: TestNode): Promise<Pick<Party, 'cut'> & { readonly broker: Broker }> => {
    if (broker instanceof SimulatedBroker) return { broker, cut: () => broker.lose(0) };
    const { relay, url } = await openRelay(inject('services').rabbitmq);
    const relayed = await openBroker({ url });
    endings.push(() => relayed.close().then(() => relay.close()));
    return { broker: relayed, cut: () => relay.cut() };
  };

  const party = async ({ clock, ...options }: Settings = {}): Promise<Party> => {
    const { broker, cut } = await cuttable(await space.node());
    const observed = replacing(broker, {
      publish(message: OutgoingMessage) {
        self.told.push(message.body);
        if (self.isMute && isGrant(message.body)) return Promise.resolve({ kind: 'confirmed' });
        return broker.publish(message);
      },
      async declare(topology) {
        await self.gate;
        await broker.declare(topology);
      },
      async consume(from, options, onDelivery) {
        if (self.unanswered > 0) {
          self.unanswered -= 1;
          throw new BackendError('rabbitmq', 'unknown', 'no answer');
        }
        const consumer = await broker.consume(from, options, (delivery) => {
          (delivery.redelivered ? self.inherited : self.heard).push(delivery.body);
          onDelivery(delivery);
        });
        self.consumed.push(from);
        return consumer;
      },
    });
    const changes = { broker: observed, ...(clock && { clock }) };
    const by = await Contender.of(space, 'queue-serial', () => changes, options);
    const die = () => broker.close();
    const self: Party = {
      by,
      broker,
      told: [],
      consumed: [],
      heard: [],
      inherited: [],
      isMute: false,
      unanswered: 0,
      gate: Promise.resolve(),
      cut,
      die,
    };
    return self;
  };

  /** The first to use the queue serves it, the next is first in line to do so. */
  const use = async ({ by }: Party) => {
    expect(await (await by.hold()).release()).toBe('released');
  };

  /** Waits for the lock; resolves once it is in the queue. */
  const queueUp = async ({ by }: Party) => {
    const before = await by.node.broker.depth(queue);
    const turn = by.hold();
    turn.catch(() => undefined);
    await vi.waitFor(async () => expect(await by.node.broker.depth(queue)).toBe(before + 1), LONG);
    return { turn };
  };

  test('the node that asked first serves the queue: its orders are one message, those of others two and its grant', async () => {
    const [a, b] = [await party({ clock: stillClock }), await party({ clock: stillClock })];
    await use(a);
    expect(a.told).toHaveLength(1);
    await use(b);
    expect(b.told).toEqual([expect.any(String), expect.stringMatching(released)]);
    expect(a.told.slice(1)).toEqual([expect.stringMatching(granted)]);
  });

  test.each([{ heir: 'holds the lock' }, { heir: 'waits for it' }])(
    'when the node that serves is cut off, the one that $heir takes over, and nobody else is let in',
    async ({ heir }) => {
      const [a, b, c] = [await party(), await party(), await party({ clock: stillClock })];
      const next = heir === 'holds the lock' ? b : c;
      await use(a);
      await use(next);
      const held = await b.by.hold();
      const { turn } = await queueUp(c);
      const order: string[] = [];
      const behind = turn.then((lock) => {
        order.push('the next comes in');
        return lock.release();
      });
      a.cut();
      await vi.waitFor(() => expect(next.inherited).toHaveLength(1), LONG);
      if (next === c) await vi.waitFor(() => expect(grantersOf(b).size).toBe(2), LONG);
      order.push('the holder leaves');
      expect(await held.release()).toBe('released');
      expect(await behind).toBe('released');
      expect(order).toEqual(['the holder leaves', 'the next comes in']);
    },
  );

  test('a node that serves itself and is cut off holds on, and leaves to whoever took over', async () => {
    const [a, b] = [await party(), await party()];
    await use(a);
    await use(b);
    const held = await a.by.hold();
    const { turn } = await queueUp(b);
    a.cut();
    // It is told once it is back.
    await vi.waitFor(() => expect(a.heard.at(-1)).toMatch(granted), LONG);
    expect(await held.release()).toBe('released');
    expect(await (await turn).release()).toBe('released');
  });

  test('a release that finds the node gone which served is expired, and the next need not wait for the lease', async () => {
    const [a, b, c] = [await party(), await party(), await party()];
    await use(a);
    await use(c);
    const held = await b.by.hold();
    const { turn } = await queueUp(c);
    c.isMute = true;
    await a.die();
    await vi.waitFor(() => expect(c.inherited).toHaveLength(1), LONG);
    expect(await held.release()).toBe('expired');
    c.isMute = false;
    expect(await (await turn).release()).toBe('released');
  });

  test('of a node that died, what waited is passed over at once', async () => {
    const clock = stillClock;
    const [a, dead, b] = [await party({ clock }), await party({ clock }), await party({ clock })];
    const held = await a.by.hold();
    await queueUp(dead);
    await queueUp(dead);
    const { turn } = await queueUp(b);
    await dead.die();
    expect(await held.release()).toBe('released');
    expect(await (await turn).release()).toBe('released');
  });

  test.each([
    { ttlMs: 10_000, outcome: 'contended', waitMs: 0 },
    { ttlMs: 300, outcome: 'held', waitMs: 30_000 },
  ])(
    'of nodes that served and held and died, the lock is $outcome for $waitMs ms under a lease of $ttlMs ms',
    async ({ ttlMs, outcome, waitMs }) => {
      const [a, b, c] = [await party(), await party({ ttlMs }), await party()];
      await use(a);
      await use(c);
      await b.by.hold();
      await b.die();
      await a.die();
      expect((await c.by.acquire({ waitMs })).kind).toBe(outcome);
      expect(c.inherited).toHaveLength(1);
    },
  );

  test('a node that is paused while it serves keeps the lock from all, and is told how late it is', async () => {
    const [a, b] = [await party({ ttlMs: 50, clock: stillClock }), await party()];
    const held = await a.by.hold();
    expect((await b.by.acquire({ waitMs: 300 })).kind).toBe('contended');
    expect(await held.release()).toBe('expired');
    await use(b);
  });

  test('nobody is asked about a wait that is over', async () => {
    const [a, b] = [await party(), await party()];
    const held = await a.by.hold();
    expect((await b.by.acquire({ waitMs: 0 })).kind).toBe('contended');
    await held.release();
    await use(a);
    expect(a.told.filter(isGrant)).toEqual([]);
  });

  test('a queue that is full turns away who comes', async () => {
    const [a, b] = [await party(), await party({ clock: stillClock })];
    await a.by.hold();
    const filler = {
      exchange: '',
      routingKey: queue,
      body: 'nobody:0 10 0',
      persistent: false,
      confirm: true,
    };
    const filling = Array.from({ length: 10_000 }, () => a.by.node.broker.publish(filler));
    expect(new Set((await Promise.all(filling)).map(({ kind }) => kind))).toEqual(new Set(['confirmed']));
    expect((await b.by.acquire()).kind).toBe('contended');
  });

  test('a node that has lost its tickets with their channel leaves them to the one that has them now', async () => {
    const [a, b] = [await party(), await party()];
    const held = await a.by.hold();
    const { turn } = await queueUp(b);
    const options = { prefetch: 1, answersOneByOne: true };
    await expect(a.broker.consume('no.such.queue', options, () => {})).rejects.toThrow('no.such.queue');
    if (a.broker instanceof SimulatedBroker) a.cut();
    await vi.waitFor(() => expect([b.inherited.length, grantersOf(a).size]).toEqual([1, 1]), LONG);
    b.isMute = true;
    const grants = () => b.told.filter(isGrant).length;
    const told = grants();
    // As often as these is the holder told by its own node, had that not lost the ticket.
    await vi.waitFor(() => expect(grants()).toBeGreaterThan(told + 2), LONG);
    b.isMute = false;
    expect(await held.release()).toBe('released');
    expect(await (await turn).release()).toBe('released');
  });

  test('a node that could not be there to serve tries again', async () => {
    const a = await party({ clock: stillClock });
    a.unanswered = 1;
    await expect(a.by.acquire()).rejects.toThrow('no answer');
    expect((await a.by.acquire({ signal: AbortSignal.abort() })).kind).toBe('contended');
    await use(a);
  });

  test('a node whose tasks wait for no longer than it looks notices as well that it cannot be told', async () => {
    const [a, b] = [await party(), await party()];
    const held = await a.by.hold();
    expect((await b.by.acquire({ waitMs: 0 })).kind).toBe('contended');
    const [inbox] = b.consumed;
    await a.by.node.broker.remove({ exchanges: [], queues: [inbox!] });
    for (let attempts = 0; b.consumed.filter((name) => name === inbox).length < 2; attempts += 1) {
      expect(attempts).toBeLessThan(8);
      expect((await b.by.acquire({ waitMs: 0 })).kind).toBe('contended');
    }
    expect(await held.release()).toBe('released');
    expect(await (await b.by.hold()).release()).toBe('released');
  });

  test.each([
    { tries: 'at once', unanswered: 0 },
    { tries: 'at the third attempt', unanswered: 2 },
  ])('a node that cannot be told any more notices, and listens again $tries', async ({ unanswered }) => {
    const [a, b] = [await party(), await party()];
    const held = await a.by.hold();
    const { turn } = await queueUp(b);
    const [inbox] = b.consumed;
    b.unanswered = unanswered;
    await a.by.node.broker.remove({ exchanges: [], queues: [inbox!] });
    await vi.waitFor(() => expect(b.consumed.filter((name) => name === inbox)).toHaveLength(2), LONG);
    expect(await held.release()).toBe('released');
    expect(await (await turn).release()).toBe('released');
  });

  test('a hundred tickets of a node that is not there are passed over', async () => {
    const a = await party();
    const held = await a.by.hold();
    const deadline = a.by.node.clock.epoch() + 60_000;
    const stranger = { exchange: '', routingKey: queue, body: `gone:1 10000 ${deadline}`, persistent: false };
    for (let i = 0; i < 100; i += 1) await a.by.node.broker.publish({ ...stranger, confirm: true });
    const { turn } = await queueUp(a);
    await held.release();
    expect(await (await turn).release()).toBe('released');
  });

  test('SKUs of one queue wait for each other, and an order of several of them for itself not', async () => {
    const [a, b] = [await party({ queues: 1 }), await party({ queues: 1 })];
    const key = (sku: number) => space.namespace.key(`lock:${sku}`);
    const held = await a.by.hold({ keys: [key(0), key(1)] });
    expect((await b.by.acquire({ keys: [key(2)], waitMs: 0 })).kind).toBe('contended');
    expect(await held.release()).toBe('released');
    expect(await (await b.by.hold({ keys: [key(2)] })).release()).toBe('released');
  });

  test('a queue that somebody has removed is made again, and served by all who ask', async () => {
    const [a, b] = [await party(), await party()];
    await use(a);
    await use(b);
    await a.by.node.broker.remove({ exchanges: [], queues: [queue] });
    for (const node of [b, a]) {
      await vi.waitFor(async () => {
        await use(node);
        expect(node.consumed.filter((name) => name === queue)).toHaveLength(2);
      }, LONG);
    }
    await b.die();
    await use(a);
  });

  test('a ticket whose queue is removed before it is an error', async () => {
    const hasty = await Contender.of(space, 'queue-serial', ({ broker }) => ({
      broker: replacing(broker, {
        async publish(message: OutgoingMessage) {
          await broker.remove({ exchanges: [], queues: [queue] });
          return broker.publish(message);
        },
      }),
    }));
    await expect(hasty.acquire()).rejects.toThrow(`no queue ${queue}`);
  });

  test.each([
    { reason: 'its wait is over', clock: wallClock, waitMs: 0, isCalledOff: false },
    { reason: 'it is called off', clock: stillClock, waitMs: 60_000, isCalledOff: true },
  ])(
    'when $reason before the broker has answered, a task goes, and sends no ticket later',
    async ({ clock, waitMs, isCalledOff }) => {
      const a = await party({ clock });
      let answer = () => {};
      a.gate = new Promise((resolve) => {
        answer = resolve;
      });
      const abort = new AbortController();
      const wait = a.by.acquire({ waitMs, signal: abort.signal });
      if (isCalledOff) abort.abort();
      expect((await wait).kind).toBe('contended');
      answer();
      await use(a);
      expect(a.told.filter((body) => body !== 'nothing')).toHaveLength(1);
    },
  );
});

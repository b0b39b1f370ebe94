import { expect, test } from 'vitest';
import type { Space } from '../../../src/contract/space.ts';
import { simulatedWorld } from '../../../src/contract/world.ts';
import { sleep } from '../../../src/kernel/clock.ts';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { closeBackends } from '../../../src/load/connect.ts';
import { openCatalogue, openPages, type PageNode } from '../../support/pages.ts';

/** Messages take up to 2 ms each way, and a change a few of them. */
const ON_THE_WAY_MS = 40;

const inSimulatedTime = (work: (space: Space) => Promise<void>) => simulatedWorld(1).run(work);

test('write-behind: all changes of a product within the delay are one write, at its end', () =>
  inSimulatedTime(async (space) => {
    const inDatabase = await openCatalogue(space);
    const { pages, changes } = await openPages(space, 'write-behind', { flushMs: 1_000 });
    for (const soldOut of [true, false, true]) await pages.mark(0, soldOut);
    await sleep(space.clock, 1_000 - ON_THE_WAY_MS);
    expect(changes.sent).toBe(0);
    await sleep(space.clock, 2 * ON_THE_WAY_MS);
    expect(changes.sent).toBe(1);
    expect(await inDatabase()).toMatchObject({ soldOut: true, version: 2 });
  }));

test('write-behind: the others show what a dead node had acknowledged until the entry ends, and no longer', () =>
  inSimulatedTime(async (space) => {
    const inDatabase = await openCatalogue(space);
    const life = { ttlMs: 5_000, jitter: 0 };
    const dying = await openPages(space, 'write-behind', life);
    const other = await openPages(space, 'write-behind', life);
    await dying.pages.mark(0, true);
    await closeBackends(dying.node);
    await sleep(space.clock, life.ttlMs - ON_THE_WAY_MS);
    expect(await other.soldOut()).toBe(true);
    await sleep(space.clock, 2 * ON_THE_WAY_MS);
    for (let read = 0; read < 3; read += 1) expect(await other.pages.view(0)).toEqual(await inDatabase());
    expect(await inDatabase()).toMatchObject({ soldOut: false, version: 1 });
    // It is cached again at once.
    expect(other.node.telemetry.of('cache.loads')).toBe(1);
  }));

test('write-behind: what was loaded before a change neither takes its place nor outlasts it', () =>
  inSimulatedTime(async (space) => {
    const inDatabase = await openCatalogue(space);
    const writer = await openPages(space, 'write-behind');
    const reader = await openPages(space, 'write-behind');
    const old = await inDatabase();
    const loadedLate = async (loadMs: number) => {
      await space.turn();
      await sleep(space.clock, loadMs);
      return old;
    };
    const duringTheDelay = reader.cache.read(0, () => loadedLate(50));
    const afterTheWrite = reader.cache.read(0, () => loadedLate(5_000));
    await writer.pages.mark(0, true);
    await duringTheDelay;
    expect(await reader.soldOut()).toBe(true);
    await writer.cache.settle!();
    const { redis } = reader.node;
    await redis.call('DEL', space.namespace.key('product:0'));
    await afterTheWrite;
    expect(await reader.pages.view(0)).toEqual(await inDatabase());
  }));

test('write-behind: a change is given up after its tries, a delay apart', () =>
  inSimulatedTime(async (space) => {
    await openCatalogue(space);
    const { pages, changes, node } = await openPages(space, 'write-behind', { flushMs: 1_000, tries: 3 });
    changes.fail(Infinity);
    await pages.mark(0, true);
    for (const tries of [1, 2, 3]) {
      expect([changes.sent, node.telemetry.of('cache.lost-writes')]).toEqual([tries - 1, 0]);
      await sleep(space.clock, 1_000 + ON_THE_WAY_MS / 4);
    }
    await sleep(space.clock, 10_000);
    expect([changes.sent, node.telemetry.of('cache.lost-writes')]).toEqual([3, 1]);
    expect(await pages.view(0)).toMatchObject({ soldOut: false, version: 1 });
  }));

const NODES = 3;
const ACTS = 36;

/** Readers and writers on all nodes, entries that go, and a database that fails now and then. */
const rush = async (space: Space, seed: number) => {
  const random = new SeededRandom(seed);
  const inDatabase = await openCatalogue(space);
  const nodes: PageNode[] = [];
  for (let i = 0; i < NODES; i += 1)
    nodes.push(await openPages(space, 'write-behind', { flushMs: 1 + random.integer(20), tries: 2 }));
  const someNode = () => nodes[random.integer(NODES)]!;
  const acts = [
    () => someNode().pages.mark(0, true),
    () => someNode().pages.returnToSale(0),
    () => someNode().soldOut(),
    () => someNode().node.redis.call('DEL', space.namespace.key('product:0')),
    () => someNode().changes.fail(2),
  ];
  const underWay: Promise<unknown>[] = [];
  for (let act = 0; act < ACTS; act += 1) {
    underWay.push(Promise.resolve(acts[random.integer(acts.length)]!()));
    await sleep(space.clock, random.next() * 10);
  }
  await Promise.all(underWay);
  for (const { changes } of nodes) changes.fail(0);
  await Promise.all(nodes.map(({ cache }) => cache.settle!()));
  return { nodes, inDatabase };
};

test.each(Array.from({ length: 30 }, (_, i) => i + 1))(
  'write-behind: whatever happens, all nodes agree with the database once they have settled (seed %i)',
  (seed) =>
    simulatedWorld(seed).run(async (space) => {
      const { nodes, inDatabase } = await rush(space, seed);
      for (const { pages } of nodes) expect(await pages.view(0)).toEqual(await inDatabase());
      const [first] = nodes;
      const loads = first!.node.telemetry.of('cache.loads');
      await first!.pages.view(0);
      expect(first!.node.telemetry.of('cache.loads')).toBe(loads);
    }),
);

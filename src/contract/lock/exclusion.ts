import type { HeldLock, LockStrategy } from '../../engine/lock/port.ts';
import { holds, type Property, same } from '../property.ts';
import type { Space } from '../space.ts';
import { Contender, excludes } from './contender.ts';

/** Two nodes of 50 tasks each count up one number, with turns for the others between reading and writing it. */
const countUp = async (strategy: LockStrategy, space: Space) => {
  const nodes = [await Contender.of(strategy, space), await Contender.of(strategy, space)];
  let number = 0;
  let inside = 0;
  let overlaps = 0;
  const task = async (by: Contender) => {
    const held = await by.hold();
    inside += 1;
    if (inside > 1) overlaps += 1;
    const read = number;
    await space.turn();
    await space.turn();
    number = read + 1;
    inside -= 1;
    return held.release();
  };
  const releases = await Promise.all(Array.from({ length: 100 }, (_, i) => task(nodes[i % 2]!)));
  return { number, overlaps, releases };
};

const allReleased = (releases: readonly string[]): void =>
  same([...new Set(releases)], ['released'], 'what the releases of locks that were held said');

export const oneAtATime: Property<LockStrategy> = {
  name: 'one holder at a time, among the tasks of a node and among nodes',
  exempt: excludes,
  async check(strategy, space) {
    const { number, overlaps, releases } = await countUp(strategy, space);
    holds(
      overlaps === 0 && number === 100,
      `of 100 holders ${overlaps} came in while another was inside, and ${100 - number} counts were lost`,
    );
    allReleased(releases);
  },
};

const severalKeys: Property<LockStrategy> = {
  name: 'several keys at once, without a deadlock and without an overlap',
  exempt: excludes,
  async check(strategy, space) {
    const nodes = [await Contender.of(strategy, space), await Contender.of(strategy, space)];
    const holders = new Map<number, number>();
    let overlaps = 0;
    const task = async (i: number) => {
      const by = nodes[Math.floor(i / 16)]!;
      const skus = [0, 1, 2, 3].filter((sku) => (i >> sku) % 2 === 1);
      const held = await by.hold({ keys: skus.map((sku) => by.key(sku)) });
      for (const sku of skus) {
        if (holders.has(sku)) overlaps += 1;
        holders.set(sku, i);
      }
      await space.turn();
      for (const sku of skus) holders.delete(sku);
      return held.release();
    };
    const releases = await Promise.all(Array.from({ length: 32 }, (_, i) => task(i)));
    holds(overlaps === 0, `${overlaps} holders came in while another held one of their keys`);
    allReleased(releases);
  },
};

const allOrNothing: Property<LockStrategy> = {
  name: 'what was taken of several keys is free again when one of them cannot be had',
  exempt: excludes,
  async check(strategy, space) {
    const [a, b] = [await Contender.of(strategy, space), await Contender.of(strategy, space)];
    await a.hold({ keys: [a.key(1)] });
    const both = await b.acquire({ keys: [b.key(0), b.key(1)], waitMs: 5 });
    same(both.kind, 'contended', 'asking for two keys of which another holds one');
    same((await a.acquire({ waitMs: 0 })).kind, 'held', 'asking for the other key afterwards');
  },
};

const newerFences: Property<LockStrategy> = {
  name: 'each holder has a newer fence than all before it of any of its keys',
  exempt: ({ guarantees }) => (guarantees.mutualExclusion === 'fenced' ? undefined : 'it promises no fence'),
  async check(strategy, space) {
    const nodes = [await Contender.of(strategy, space), await Contender.of(strategy, space)];
    const newest = new Map<number, number>();
    const stale: string[] = [];
    const task = async (i: number) => {
      const by = nodes[i % 2]!;
      const skus = [[0], [0, 1], [1], [0], [1, 2], [0, 1, 2]][i % 6]!;
      const held: HeldLock = await by.hold({ keys: skus.map((sku) => by.key(sku)) });
      const fence = held.fence ?? Number.NaN;
      await space.turn();
      for (const sku of skus) {
        const before = newest.get(sku) ?? 0;
        if (!(fence > before)) stale.push(`${held.fence} after ${before}`);
        newest.set(sku, fence);
      }
      await held.release();
    };
    await Promise.all(Array.from({ length: 60 }, (_, i) => task(i)));
    holds(stale.length === 0, `${stale.length} of 60 fences were not newer, the first ${stale[0]}`);
  },
};

export const EXCLUSION: readonly Property<LockStrategy>[] = [
  oneAtATime,
  severalKeys,
  allOrNothing,
  newerFences,
];

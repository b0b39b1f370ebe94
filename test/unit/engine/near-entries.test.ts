import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/backends/simulated/clock.ts';
import { NearEntries } from '../../../src/engine/cache/near-entries.ts';
import { sleep } from '../../../src/kernel/clock.ts';

const entry = (version: number) => ({
  view: { sku: 0, priceCents: 1, soldOut: false, version },
  loadMs: 0,
});

let clock: VirtualClock;
let copies: NearEntries;
const keep = (sku: number, version = 1) => copies.fetch(sku, () => Promise.resolve(entry(version)));

beforeEach(() => {
  clock = new VirtualClock(0);
  copies = new NearEntries(clock, { capacity: 3, ttlMs: 100 });
});

test('what was fetched is kept until it is dropped', async () => {
  await keep(0);
  await keep(1);
  expect([copies.find(0), copies.find(1), copies.find(2)]).toEqual([entry(1), entry(1), undefined]);
  copies.drop(0);
  expect([copies.find(0), copies.find(1)]).toEqual([undefined, entry(1)]);
  copies.dropAll();
  expect(copies.find(1)).toBeUndefined();
});

test('what is not there is not kept', async () => {
  expect(await copies.fetch(0, () => Promise.resolve(undefined))).toBeUndefined();
  expect(copies.find(0)).toBeUndefined();
});

test('no more are kept than there is room for: the least recently read goes first', async () => {
  for (const sku of [0, 1, 2]) await keep(sku);
  copies.find(0);
  await keep(3);
  expect([0, 1, 2, 3].filter((sku) => copies.find(sku) !== undefined)).toEqual([0, 2, 3]);
  await keep(2);
  await keep(4);
  expect([0, 1, 2, 3, 4].filter((sku) => copies.find(sku) !== undefined)).toEqual([2, 3, 4]);
});

test('none outlives its time, however often it is read', async () => {
  const played = (async () => {
    await keep(0);
    await sleep(clock, 60);
    expect(copies.find(0)).toEqual(entry(1));
    await sleep(clock, 39);
    expect(copies.find(0)).toEqual(entry(1));
    await sleep(clock, 1);
    expect(copies.find(0)).toBeUndefined();
  })();
  let ended = false;
  const watched = played.finally(() => {
    ended = true;
  });
  await clock.run(() => ended);
  await watched;
});

test.each([
  ['its product changes', () => copies.drop(0)],
  ['everything is in doubt', () => copies.dropAll()],
])('what is on its way while %s is given to its reader, and not kept', async (_, change) => {
  let arrive = (_version: number) => {};
  const slow = copies.fetch(0, () => new Promise((resolve) => (arrive = (v) => resolve(entry(v)))));
  change();
  await keep(0, 2);
  arrive(1);
  expect(await slow).toEqual(entry(1));
  expect(copies.find(0)).toEqual(entry(2));
});

test('a change of one product does not hold back another', async () => {
  let arrive = () => {};
  const slow = copies.fetch(0, () => new Promise((resolve) => (arrive = () => resolve(entry(1)))));
  copies.drop(1);
  arrive();
  await slow;
  expect(copies.find(0)).toEqual(entry(1));
});

test('a failed fetch leaves nothing behind', async () => {
  await expect(copies.fetch(0, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(copies.find(0)).toBeUndefined();
  await keep(0);
  expect(copies.find(0)).toEqual(entry(1));
});

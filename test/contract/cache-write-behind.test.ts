import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AheadEntries } from '../../src/engine/cache/ahead-entries.ts';
import { Entries } from '../../src/engine/cache/entries.ts';
import type { ProductView } from '../../src/engine/types.ts';
import { closeBackends } from '../../src/load/connect.ts';
import { stillClock } from '../support/clocks.ts';
import { openCatalogue, openPages, type PageNode } from '../support/pages.ts';
import { WORLDS, type Space } from '../support/worlds.ts';

/** Whatever waits is written soon; the tests hold back what is to wait. */
const SOON = { flushMs: 1, tries: 3 };
const SKUS = 2;

describe.each(WORLDS)('write-behind, $world', ({ open }) => {
  let space: Space;
  let inDatabase: (sku?: number) => Promise<ProductView | undefined>;
  let here: PageNode;
  let there: PageNode;

  const loadsOf = ({ node }: PageNode) => node.telemetry.of('cache.loads');
  const lostOn = ({ node }: PageNode) => node.telemetry.of('cache.lost-writes');
  const settle = ({ cache }: PageNode) => cache.settle!();

  beforeEach(async () => {
    space = await open();
    inDatabase = await openCatalogue(space, SKUS);
    here = await openPages(space, 'write-behind', SOON);
    there = await openPages(space, 'write-behind', SOON);
  });
  afterEach(() => space.close());

  test('a change is read on all nodes before the database has it, and is there once it is written', async () => {
    const letThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    for (const { soldOut } of [here, there]) expect(await soldOut()).toBe(true);
    expect(await inDatabase()).toMatchObject({ soldOut: false, version: 1 });
    letThrough();
    await settle(here);
    expect(await inDatabase()).toMatchObject({ soldOut: true, version: 2 });
    for (const { pages } of [here, there]) expect(await pages.view(0)).toEqual(await inDatabase());
    expect([loadsOf(here), loadsOf(there), lostOn(here)]).toEqual([0, 0, 0]);
  });

  test('what changes while a write is under way is one more write, of the last change', async () => {
    const letThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    await here.changes.reached(1);
    for (const soldOut of [false, true, false]) await here.pages.mark(0, soldOut);
    for (const { soldOut } of [here, there]) expect(await soldOut()).toBe(false);
    letThrough();
    await settle(here);
    expect(here.changes.sent).toBe(2);
    expect(await inDatabase()).toMatchObject({ soldOut: false, version: 3 });
    for (const { pages } of [here, there]) expect(await pages.view(0)).toEqual(await inDatabase());
  });

  test('a page that was changed and changed back is cached again, though its version is above the database’s', async () => {
    const letThrough = there.changes.holdBack();
    await there.pages.mark(0, true);
    await here.pages.returnToSale(0);
    await settle(here);
    // The first change has not come yet: what came after it has found nothing to change.
    expect(await inDatabase()).toMatchObject({ soldOut: false, version: 1 });
    const loads = loadsOf(here);
    for (let read = 0; read < 3; read += 1) expect(await here.pages.view(0)).toEqual(await inDatabase());
    expect(loadsOf(here)).toBe(loads + 1);
    letThrough();
    await settle(there);
  });

  test('changes of two nodes may come to the database in the other order: the one acknowledged last is gone', async () => {
    const letThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    await there.pages.returnToSale(0);
    for (const { soldOut } of [here, there]) expect(await soldOut()).toBe(false);
    await settle(there);
    letThrough();
    await settle(here);
    expect(await inDatabase()).toMatchObject({ soldOut: true });
    for (const { pages } of [here, there]) expect(await pages.view(0)).toEqual(await inDatabase());
    expect([lostOn(here), lostOn(there)]).toEqual([0, 0]);
  });

  test('a write that is over does not hide the change of another node that is still to be written', async () => {
    const letThrough = there.changes.holdBack();
    const letFirstThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    await there.pages.returnToSale(0);
    letFirstThrough();
    await settle(here);
    expect(await inDatabase()).toMatchObject({ soldOut: true, version: 2 });
    for (const { soldOut } of [here, there]) expect(await soldOut()).toBe(false);
    letThrough();
    await settle(there);
    expect(await inDatabase()).toMatchObject({ soldOut: false, version: 3 });
    for (const { pages } of [here, there]) expect(await pages.view(0)).toEqual(await inDatabase());
  });

  test('its own node reads a change also when the entry is gone; the others read the old page until it is written', async () => {
    const letThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    await there.node.redis.call('DEL', space.namespace.key('product:0'));
    expect(await here.soldOut()).toBe(true);
    expect(await there.soldOut()).toBe(false);
    expect(await here.soldOut()).toBe(true);
    letThrough();
    await settle(here);
    for (const { pages } of [here, there]) expect(await pages.view(0)).toEqual(await inDatabase());
    expect(await inDatabase()).toMatchObject({ soldOut: true });
  });

  test('its own reader who loaded before the write is told the change also when it is over', async () => {
    const letThrough = here.changes.holdBack();
    const old = await inDatabase();
    await here.pages.mark(0, true);
    await there.node.redis.call('DEL', space.namespace.key('product:0'));
    let answer = (_page: ProductView | undefined) => {};
    const loaded = new Promise<ProductView | undefined>((resolve) => (answer = resolve));
    const late = here.cache.read(0, () => loaded);
    letThrough();
    await settle(here);
    answer(old);
    expect(await late).toMatchObject({ soldOut: true });
    expect(await here.soldOut()).toBe(true);
  });

  test('a change that the page shows already does not leave the entry ahead', async () => {
    const letThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    for (let time = 0; time < 2; time += 1) await here.pages.returnToSale(0);
    letThrough();
    await settle(here);
    for (const { pages } of [here, there]) expect(await pages.view(0)).toEqual(await inDatabase());
  });

  test('a state that is committed and no longer the newest does not take the place of what was put ahead of it', async () => {
    const page = { ...(await inDatabase())!, soldOut: true };
    const entries = new Entries(here.node);
    const ahead = new AheadEntries(entries, here.node.redis);
    await ahead.put({ ...page, version: 5 }, 10_000, 'late');
    await ahead.settle({ ...page, version: 4 }, 10_000, 'other');
    expect((await entries.find(0))?.view).toMatchObject({ version: 5 });
    await ahead.settle({ ...page, version: 3 }, 10_000, 'late');
    expect(await entries.find(0)).toBeUndefined();
  });

  test('a node that dies takes along what it had acknowledged: the other one shows it, the database never has it', async () => {
    // Its time to write does not come.
    const dying = await openPages(space, 'write-behind', SOON, { clock: stillClock });
    await dying.pages.mark(0, true);
    await closeBackends(dying.node);
    expect(await there.soldOut()).toBe(true);
    expect(await inDatabase()).toMatchObject({ soldOut: false, version: 1 });
    // The change of a node that lives takes its place, and stays.
    await there.pages.returnToSale(0);
    await settle(there);
    for (const { pages } of [here, there]) expect(await pages.view(0)).toEqual(await inDatabase());
  });

  test('what a closed node has not written is counted as lost, and comes to an end', async () => {
    const letThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    await here.changes.reached(1);
    await closeBackends(here.node);
    letThrough();
    await settle(here);
    expect(lostOn(here)).toBe(1);
    expect(await inDatabase()).toMatchObject({ soldOut: false, version: 1 });
  });

  test('a database that fails is tried again', async () => {
    here.changes.fail(SOON.tries - 1);
    await here.pages.mark(0, true);
    await settle(here);
    expect([here.changes.sent, lostOn(here)]).toEqual([SOON.tries, 0]);
    expect(await inDatabase()).toMatchObject({ soldOut: true, version: 2 });
  });

  test('a database that keeps failing loses the change: it is counted, and the page is the old one again', async () => {
    here.changes.fail(SOON.tries);
    const letThrough = here.changes.holdBack();
    await here.pages.mark(0, true);
    expect(await there.soldOut()).toBe(true);
    letThrough();
    await settle(here);
    expect([here.changes.sent, lostOn(here)]).toEqual([SOON.tries, 1]);
    for (const { pages } of [here, there])
      expect(await pages.view(0)).toMatchObject({ soldOut: false, version: 1 });
  });

  test('a lost change that a later one has replaced is none', async () => {
    here.changes.fail(SOON.tries);
    await here.pages.mark(0, true);
    await here.changes.reached(SOON.tries - 1);
    const letThrough = here.changes.holdBack();
    await here.changes.reached(SOON.tries);
    await here.pages.mark(0, false);
    await here.pages.mark(0, true);
    letThrough();
    await settle(here);
    expect(lostOn(here)).toBe(0);
    expect(await inDatabase()).toMatchObject({ soldOut: true, version: 2 });
  });

  test('a writer of one product more than may wait is answered after a write', async () => {
    const full = await openPages(space, 'write-behind', { ...SOON, maxPending: 1 });
    const letThrough = full.changes.holdBack();
    await full.pages.mark(0, true);
    const order: string[] = [];
    const further = full.pages.mark(1, true).then(() => order.push('acknowledged'));
    await vi.waitFor(async () => expect(await there.soldOut(1)).toBe(true), { interval: 1, timeout: 10_000 });
    // A later change of a product that waits already has its place.
    await full.pages.mark(0, false);
    order.push('let through');
    letThrough();
    await further;
    expect(order).toEqual(['let through', 'acknowledged']);
    await settle(full);
    expect(await inDatabase(1)).toMatchObject({ soldOut: true });
  });

  test('a change of a product that the cache does not know goes to the database at once', async () => {
    const sku = SKUS;
    expect(await here.soldOut(sku)).toBeUndefined();
    await openCatalogue(space, SKUS + 1);
    await here.pages.mark(sku, true);
    expect(await inDatabase(sku)).toMatchObject({ soldOut: true, version: 2 });
    for (const { pages } of [here, there]) expect(await pages.view(sku)).toEqual(await inDatabase(sku));
  });
});

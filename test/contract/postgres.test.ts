import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Postgres, Row, Statement } from '../../src/backends/ports.ts';
import {
  COUNTERS,
  counterOf,
  refusalOf,
  uniqueSchema,
  WORLDS,
  withCounters,
  type World,
} from './postgres-worlds.ts';

const addTo = (id: number, add: number): Statement => ({
  kind: 'update',
  table: 'counters',
  set: { n: { add } },
  where: [['id', '=', id]],
});

const insertEntries = (owner: number[], part: number[], onConflict: 'ignore' | 'fail'): Statement => ({
  kind: 'insert',
  table: 'entries',
  columns: { owner, part },
  onConflict,
  returning: ['seq', 'owner', 'part'],
});

const selectCounters = (rest: Partial<Extract<Statement, { kind: 'select' }>> = {}): Statement => ({
  kind: 'select',
  table: 'counters',
  columns: ['id'],
  where: [],
  orderBy: ['id'],
  ...rest,
});

const ids = (rows: readonly Row[]) => rows.map((row) => row['id']);

describe.each(WORLDS)('PostgreSQL, $world', ({ enter }) => {
  let world: World;
  let postgres: Postgres;

  beforeEach(async () => {
    world = enter();
    postgres = await withCounters(await world.open(), 10);
  });
  afterEach(() => world.close());

  describe('statements', () => {
    test('an insert fills what it leaves out with null, and numbers serials', async () => {
      const inserted = await postgres.query(insertEntries([7, 7], [1, 2], 'fail'));
      expect(inserted).toEqual({
        count: 2,
        rows: [
          { seq: 1, owner: 7, part: 1 },
          { seq: 2, owner: 7, part: 2 },
        ],
      });
      const { rows } = await postgres.query(selectCounters({ columns: ['note'], limit: 1 }));
      expect(rows).toEqual([{ note: null }]);
    });

    test('ignored conflicts leave the new rows only, and spend their serials', async () => {
      await postgres.query(insertEntries([7], [1], 'fail'));
      const { rows, count } = await postgres.query(insertEntries([7, 8, 8], [1, 1, 1], 'ignore'));
      expect(count).toBe(1);
      expect(rows).toEqual([{ seq: 3, owner: 8, part: 1 }]);
      const next = await postgres.query(insertEntries([9], [1], 'ignore'));
      expect(next.rows).toEqual([{ seq: 5, owner: 9, part: 1 }]);
    });

    test('a conflict that may not be ignored undoes the whole insert', async () => {
      expect(await refusalOf(postgres.query(insertEntries([1, 2, 1], [1, 1, 1], 'fail')))).toMatch(
        /^none 23505/,
      );
      expect((await postgres.query(insertEntries([1, 2], [1, 1], 'ignore'))).count).toBe(2);
    });

    test('rows with a null in a unique key conflict with none', async () => {
      const insert: Statement = {
        kind: 'insert',
        table: 'entries',
        columns: { owner: [1, 1], part: [null, null] },
        onConflict: 'fail',
      };
      expect((await postgres.query(insert)).count).toBe(2);
    });

    test('no rows to insert is no error', async () => {
      expect(await postgres.query(insertEntries([], [], 'fail'))).toEqual({ rows: [], count: 0 });
    });

    test('a conditional update counts the rows that met its conditions', async () => {
      const take: Statement = {
        kind: 'update',
        table: 'counters',
        set: { n: { add: -6 }, note: 'taken' },
        where: [
          ['id', 'in', [1, 2, 99]],
          ['n', '>=', 6],
        ],
        returning: ['n', 'note'],
      };
      const taken = await postgres.query(take);
      expect(taken).toEqual({ count: 2, rows: Array.from({ length: 2 }, () => ({ n: 4, note: 'taken' })) });
      expect(await postgres.query(take)).toEqual({ count: 0, rows: [] });
      expect(await counterOf(postgres, 3)).toBe(10);
    });

    test('selects order by several columns, nulls last, up to a limit', async () => {
      await postgres.query({
        kind: 'insert',
        table: 'counters',
        columns: { id: [4, 5, 6, 7], n: [1, 1, null, 2], note: ['b', 'a', 'z', 'B'] },
        onConflict: 'fail',
      });
      const beyond: Statement = selectCounters({ where: [['id', '>', 3]], orderBy: ['n', 'note'] });
      expect(ids((await postgres.query(beyond)).rows)).toEqual([5, 4, 7, 6]);
      expect(ids((await postgres.query({ ...beyond, limit: 2 } as Statement)).rows)).toEqual([5, 4]);
      const noted = selectCounters({ where: [['note', '<>', 'b']], orderBy: ['note'] });
      expect(ids((await postgres.query(noted)).rows)).toEqual([7, 5, 6]);
      const named = selectCounters({ where: [['id', 'in', [6, 4, 6]]] });
      expect(ids((await postgres.query(named)).rows)).toEqual([4, 6]);
    });

    test('a comparison with null holds for no row', async () => {
      const compared = async (where: Extract<Statement, { kind: 'select' }>['where']) =>
        (await postgres.query(selectCounters({ where }))).count;
      expect(await compared([['note', '=', null]])).toBe(0);
      expect(await compared([['note', '<>', 'x']])).toBe(0);
      expect(await compared([['note', 'in', [null, 'x']]])).toBe(0);
      expect(await compared([['id', 'in', [null, 1]]])).toBe(1);
    });

    test('deleted rows are gone, and their keys free', async () => {
      const remove: Statement = { kind: 'delete', table: 'counters', where: [['id', '<=', 2]] };
      expect(await postgres.query(remove)).toEqual({ rows: [], count: 2 });
      expect(ids((await postgres.query(selectCounters())).rows)).toEqual([3]);
      const insert: Statement = {
        kind: 'insert',
        table: 'counters',
        columns: { id: [1], n: [0] },
        onConflict: 'fail',
      };
      expect((await postgres.query(insert)).count).toBe(1);
    });

    test('text comes back as it went, whatever is in it', async () => {
      const note = `it's "quoted", {braced}, \\back, NULL, ünïcode 🛒\n$1 --`;
      await postgres.query({
        kind: 'insert',
        table: 'counters',
        columns: { id: [4], note: [note] },
        onConflict: 'fail',
      });
      const { rows } = await postgres.query(
        selectCounters({ columns: ['note'], where: [['note', '=', note]] }),
      );
      expect(rows).toEqual([{ note }]);
    });

    test.each<[string, Statement, RegExp]>([
      ['an unknown table', { kind: 'delete', table: 'nowhere', where: [] }, /^none 42P01/],
      [
        'an unknown table of an insert',
        { ...insertEntries([1], [1], 'fail'), table: 'nowhere' } as Statement,
        /^none 42P01/,
      ],
      ['an unknown column', selectCounters({ columns: ['nothing'] }), /^none 42703/],
      ['a value of another type', selectCounters({ where: [['id', '=', 'one']] }), /^none 22P02/],
      ['a number too large', addTo(1, 2 ** 31 - 1), /^none 22003/],
      [
        'a null in a key',
        { kind: 'insert', table: 'counters', columns: { id: [null] }, onConflict: 'ignore' },
        /^none 23502/,
      ],
    ])('%s', async (_, statement, expected) => {
      expect(await refusalOf(postgres.query(statement))).toMatch(expected);
      expect(await counterOf(postgres, 1)).toBe(10);
    });
  });

  describe('transactions', () => {
    test('see their own changes, which others see from the commit on', async () => {
      await postgres.transaction(async (query) => {
        await query(addTo(1, 5));
        expect(await counterOf({ query }, 1)).toBe(15);
        expect(await counterOf(postgres, 1)).toBe(10);
      });
      expect(await counterOf(postgres, 1)).toBe(15);
    });

    test('that fail are undone, and reject with what failed', async () => {
      const failure = new Error('the work failed');
      const work = postgres.transaction(async (query) => {
        await query(addTo(1, 5));
        await query(insertEntries([1], [1], 'fail'));
        await query({ kind: 'delete', table: 'counters', where: [['id', '=', 2]] });
        await query({ kind: 'update', table: 'counters', set: { id: 30 }, where: [['id', '=', 3]] });
        throw failure;
      });
      await expect(work).rejects.toBe(failure);
      expect(ids((await postgres.query(selectCounters({ where: [['n', '=', 10]] }))).rows)).toEqual([
        1, 2, 3,
      ]);
      expect((await postgres.query(insertEntries([1], [1], 'ignore'))).rows).toEqual([
        { seq: 2, owner: 1, part: 1 },
      ]);
    });

    test('a failed statement fails what follows, and the commit', async () => {
      let following = '';
      const work = postgres.transaction(async (query) => {
        await query(addTo(1, 5));
        await refusalOf(query(addTo(1, 2 ** 31 - 1)));
        following = await refusalOf(query(addTo(1, 1)));
      });
      expect(await refusalOf(work)).toMatch(/^none rolled back/);
      expect(following).toMatch(/^none 25P02/);
      expect(await counterOf(postgres, 1)).toBe(10);
    });

    test('a key may be freed and taken again', async () => {
      await postgres.query(insertEntries([1], [1], 'fail'));
      await postgres.transaction(async (query) => {
        await query({ kind: 'delete', table: 'entries', where: [['owner', '=', 1]] });
        await query(insertEntries([1], [1], 'fail'));
        expect((await query(insertEntries([1], [1], 'ignore'))).count).toBe(0);
      });
      expect((await postgres.query(insertEntries([1], [1], 'ignore'))).count).toBe(0);
    });

    test('statements issued together run one after the other', async () => {
      const counts = await postgres.transaction((query) =>
        Promise.all([
          query(addTo(1, -10)),
          query({ kind: 'delete', table: 'counters', where: [['n', '=', 0]] }),
          query(selectCounters()),
        ]),
      );
      expect(counts.map(({ count }) => count)).toEqual([1, 1, 2]);
    });

    test('end: a statement that comes later is a defect', async () => {
      let late: ((statement: Statement) => Promise<unknown>) | undefined;
      await postgres.transaction(async (query) => {
        late = query;
      });
      expect(() => late?.(addTo(1, 1))).toThrow(/only until it ends/);
    });

    test('wait for a connection of the pool, in their order', async () => {
      const single = await withCounters(await world.open({ poolSize: 1 }), 0);
      const order: number[] = [];
      await Promise.all(
        [1, 2, 3].map((place) =>
          single.transaction(async (query) => {
            await query(addTo(1, 1));
            order.push(place);
            await query(addTo(2, 1));
            order.push(place);
          }),
        ),
      );
      expect(order).toEqual([1, 1, 2, 2, 3, 3]);
    });
  });

  describe('schemas', () => {
    test('are apart', async () => {
      const other = await withCounters(await world.open(), 0);
      await other.query(addTo(1, 1));
      expect(await counterOf(postgres, 1)).toBe(10);
      await other.drop();
      expect(await counterOf(postgres, 1)).toBe(10);
      expect(await refusalOf(counterOf(other, 1))).toMatch(/^none 42P01/);
    });

    test('are shared by all who open them', async () => {
      const schema = uniqueSchema();
      const first = await withCounters(await world.open({ schema }), 0);
      const second = await world.open({ schema });
      await second.query(addTo(1, 1));
      expect((await second.query(insertEntries([1], [1], 'fail'))).count).toBe(1);
      expect(await counterOf(first, 1)).toBe(1);
    });

    test('are defined once, by however many at once, and again after a drop', async () => {
      const schema = uniqueSchema();
      const all = await Promise.all(Array.from({ length: 4 }, () => world.open({ schema })));
      await Promise.all(all.map((one) => one.define([COUNTERS])));
      await all[0]!.drop();
      await all[0]!.drop();
      await withCounters(all[1]!, 1);
      expect(await counterOf(all[2]!, 1)).toBe(1);
    });

    test('get an index once, by however many at once, and none on a table that is not there', async () => {
      await Promise.all(Array.from({ length: 4 }, () => postgres.index('entries', ['seq', 'owner'])));
      await postgres.query(insertEntries([1, 2], [1, 1], 'fail'));
      await postgres.index('entries', ['seq', 'owner']);
      expect(await refusalOf(postgres.index('nothing', ['seq']))).toMatch(/^none 42P01/);
    });

    test('that belong to others are not opened', async () => {
      await expect((async () => world.open({ schema: 'public' }))()).rejects.toThrow(/belongs to us/);
    });
  });

  test('a closed connection refuses', async () => {
    const other = await world.open();
    await other.close();
    await other.close();
    expect(await refusalOf(other.query(addTo(1, 1)))).toMatch(/^none .*closed/);
  });
});

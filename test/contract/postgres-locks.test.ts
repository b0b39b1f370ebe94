import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Postgres, Statement, StatementResult } from '../../src/backends/ports.ts';
import { counterOf, refusalOf, uniqueSchema, WORLDS, withCounters, type World } from './postgres-worlds.ts';

type Query = (statement: Statement) => Promise<StatementResult>;

const addTo = (id: number, add: number): Statement => ({
  kind: 'update',
  table: 'counters',
  set: { n: { add } },
  where: [['id', '=', id]],
});

const lockCounters = (rest: Partial<Extract<Statement, { kind: 'select' }>> = {}): Statement => ({
  kind: 'select',
  table: 'counters',
  columns: ['id', 'n'],
  where: [['id', '=', 1]],
  lock: 'update',
  ...rest,
});

const claim: Statement = {
  kind: 'insert',
  table: 'entries',
  columns: { owner: [1], part: [1] },
  onConflict: 'ignore',
};

/** A promise to be kept from outside. */
const gate = () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

describe.each(WORLDS)('locks of PostgreSQL, $world', ({ enter }) => {
  let world: World;
  let postgres: Postgres;

  beforeEach(async () => {
    world = enter();
    postgres = await withCounters(await world.open({ poolSize: 10 }), 1);
  });
  afterEach(() => world.close());

  /** Gives whoever should be waiting many chances not to. */
  const waitAWhile = async () => {
    for (let round = 0; round < 25; round += 1) await counterOf(postgres, 2);
  };

  /**
   * Holds `take` in a transaction while `contend` is tried, then ends the transaction. Gives the result of
   * `contend`, which must not have come before that end.
   */
  const contended = async <T>(
    take: (query: Query) => Promise<unknown>,
    contend: () => Promise<T>,
    ending: 'commit' | 'rollback' = 'commit',
  ): Promise<T> => {
    const order: string[] = [];
    let contender: Promise<T> | undefined;
    const holder = postgres.transaction(async (query) => {
      await take(query);
      contender = contend().finally(() => order.push('contender'));
      await waitAWhile();
      order.push('holder');
      if (ending === 'rollback') throw new Error('rolled back');
    });
    await holder.catch(() => {});
    const result = await contender!;
    expect(order).toEqual(['holder', 'contender']);
    return result;
  };

  test('concurrent additions are all counted', async () => {
    await Promise.all(Array.from({ length: 60 }, () => postgres.query(addTo(1, 1))));
    expect(await counterOf(postgres, 1)).toBe(61);
  });

  test('concurrent conditional updates take no more than there is', async () => {
    await postgres.query({ kind: 'update', table: 'counters', set: { n: 20 }, where: [['id', '=', 1]] });
    const take: Statement = {
      ...addTo(1, -1),
      where: [
        ['id', '=', 1],
        ['n', '>=', 1],
      ],
    } as Statement;
    const taken = await Promise.all(Array.from({ length: 50 }, () => postgres.query(take)));
    expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(20);
    expect(await counterOf(postgres, 1)).toBe(0);
  });

  test('a read for update makes read, check, write safe', async () => {
    const bump = (query: Query) => async () => {
      const { rows } = await query(lockCounters());
      const n = (rows[0]!['n'] as number) + 1;
      await query({ kind: 'update', table: 'counters', set: { n }, where: [['id', '=', 1]] });
    };
    await Promise.all(Array.from({ length: 40 }, () => postgres.transaction((query) => bump(query)())));
    expect(await counterOf(postgres, 1)).toBe(41);
  });

  test('an update waits for a row that is locked, and a read does not', async () => {
    const { count } = await contended(
      (query) => query(lockCounters()),
      async () => {
        expect(await counterOf(postgres, 1)).toBe(1);
        return postgres.query(addTo(1, 1));
      },
    );
    expect(count).toBe(1);
    expect(await counterOf(postgres, 1)).toBe(2);
  });

  test('a wait ends with the row as it is then', async () => {
    const take = {
      ...addTo(1, -1),
      where: [
        ['id', '=', 1],
        ['n', '>=', 1],
      ],
    } as Statement;
    const { count } = await contended(
      (query) => query(take),
      () => postgres.query(take),
    );
    expect(count).toBe(0);
    expect(await counterOf(postgres, 1)).toBe(0);
  });

  test('a wait for a row whose change is rolled back ends with the old one', async () => {
    const take = {
      ...addTo(1, -1),
      where: [
        ['id', '=', 1],
        ['n', '>=', 1],
      ],
    } as Statement;
    const { count } = await contended(
      (query) => query(take),
      () => postgres.query(take),
      'rollback',
    );
    expect(count).toBe(1);
    expect(await counterOf(postgres, 1)).toBe(0);
  });

  test('a wait for a row that is then deleted finds nothing', async () => {
    const { rows } = await contended(
      (query) => query({ kind: 'delete', table: 'counters', where: [['id', '=', 1]] }),
      () => postgres.query(lockCounters({ where: [['id', '<=', 2]], orderBy: ['id'] })),
    );
    expect(rows).toEqual([{ id: 2, n: 1 }]);
  });

  test('a read for update goes on to the next row when one no longer matches', async () => {
    const { rows } = await contended(
      (query) => query(addTo(1, 5)),
      () => postgres.query(lockCounters({ where: [['n', '=', 1]], orderBy: ['id'], limit: 1 })),
    );
    expect(rows).toEqual([{ id: 2, n: 1 }]);
  });

  test('rows that are locked are skipped where that is asked for', async () => {
    const skip = lockCounters({ where: [], orderBy: ['id'], limit: 1, lock: 'update-skip-locked' });
    const idsTaken = await postgres.transaction(async (first) => {
      const { rows: one } = await first(skip);
      return postgres.transaction(async (second) => {
        const { rows: two } = await second(skip);
        const { rows: again } = await first(skip);
        return [one, two, again].map(([row]) => row?.['id']);
      });
    });
    expect(idsTaken).toEqual([1, 2, 1]);
  });

  test('an insert waits for another of the same key, and yields to it', async () => {
    const { count } = await contended(
      (query) => query(claim),
      () => postgres.query(claim),
    );
    expect(count).toBe(0);
  });

  test('an insert waits for another of the same key, and replaces it when that is undone', async () => {
    const { count } = await contended(
      (query) => query(claim),
      () => postgres.query(claim),
      'rollback',
    );
    expect(count).toBe(1);
  });

  test('of two transactions that wait for each other, one is sacrificed', async () => {
    const [first, second] = [gate(), gate()];
    const cross = (mine: number, theirs: number, ready: () => void, other: Promise<void>) =>
      postgres.transaction(async (query) => {
        await query(addTo(mine, 10));
        ready();
        await other;
        await query(addTo(theirs, 100));
      });
    const outcomes = await Promise.all([
      refusalOf(cross(1, 2, first.open, second.opened)),
      refusalOf(cross(2, 1, second.open, first.opened)),
    ]);
    expect(outcomes.filter((outcome) => outcome === 'resolved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.startsWith('none 40P01'))).toHaveLength(1);
    expect(new Set([await counterOf(postgres, 1), await counterOf(postgres, 2)])).toEqual(new Set([11, 101]));
  });

  const lockOn = (keys: readonly string[], waitMs: number): Statement => ({
    kind: 'advisory-lock',
    keys,
    waitMs,
  });
  const HAD = { rows: [{ fence: expect.any(Number) as number }], count: 1 };
  const NOT_HAD = { rows: [], count: 0 };

  test('an advisory lock excludes its own names, until the transaction ends', async () => {
    const lock = (key: string) => lockOn([key], 30_000);
    const twice = async (query: Query) => {
      await query(lock('a'));
      await query(lock('a'));
    };
    await contended(twice, () => postgres.query(lock('a')));
    await contended(twice, () => postgres.query(lock('a')), 'rollback');
    await contended(
      (query) => query(lockOn(['a', 'b', 'c'], 30_000)),
      () => postgres.query(lock('b')),
    );
    await postgres.transaction(async (query) => {
      await query(lock('a'));
      expect(await postgres.query(lock('b'))).toEqual(HAD);
      const elsewhere = await world.open();
      await elsewhere.define([]);
      await elsewhere.query(lock('a'));
    });
  });

  test.each([0, 20])(
    'an advisory lock that is not had within %i ms says so, and goes with its transaction',
    async (waitMs) => {
      await postgres.transaction(async (holds) => {
        await holds(lockOn(['b'], 0));
        const giveUp = new Error('not had');
        const asks = postgres.transaction(async (query) => {
          expect(await query(lockOn(['a', 'b'], waitMs))).toEqual(NOT_HAD);
          throw giveUp;
        });
        await expect(asks).rejects.toBe(giveUp);
        expect(await postgres.query(lockOn(['a'], 0))).toEqual(HAD);
      });
    },
  );

  test('advisory locks are to be had once the schema is defined', async () => {
    const undefinedYet = await world.open();
    expect(await refusalOf(undefinedYet.query(lockOn(['a'], 0)))).toMatch(/^none .*does not exist/);
    await undefinedYet.define([]);
    expect(await undefinedYet.query(lockOn(['a'], 0))).toEqual(HAD);
  });

  test('fences grow from holder to holder, of several names as of one', async () => {
    const fences: number[] = [];
    const take = async (keys: readonly string[]) =>
      postgres.transaction(async (query) => {
        const { rows } = await query(lockOn(keys, 30_000));
        fences.push(Number(rows[0]!['fence']));
      });
    await Promise.all(Array.from({ length: 12 }, (_, i) => take([['a'], ['a', 'b'], ['a', 'c']][i % 3]!)));
    expect(fences).toHaveLength(12);
    expect(fences).toEqual(fences.toSorted((a, b) => a - b));
    expect(new Set(fences).size).toBe(12);
  });

  test('connections apart leave the others free, and end with them whatever they hold or wait for', async () => {
    const schema = uniqueSchema();
    const other = await world.open({ schema });
    await other.define([]);
    const closing = await world.open({ schema, poolSize: 1 });
    const apart = closing.apart(2);
    const [locked, ended] = [gate(), gate()];
    const holding = refusalOf(
      apart.transaction(async (query) => {
        await query(lockOn(['a'], 0));
        locked.open();
        await ended.opened;
      }),
    );
    await locked.opened;
    expect(await closing.query(lockOn(['b'], 0))).toEqual(HAD);
    const waiting = refusalOf(apart.transaction((query) => query(lockOn(['a'], 30_000))));
    await waitAWhile();
    expect(await other.query(lockOn(['a'], 0))).toEqual(NOT_HAD);
    await closing.close();
    expect(await waiting).toMatch(/^none /);
    expect(await other.query(lockOn(['a'], 30_000))).toEqual(HAD);
    ended.open();
    expect(await holding).toMatch(/^none /);
    expect(await refusalOf(apart.query(lockOn(['b'], 0)))).toMatch(/^none /);
  });
});

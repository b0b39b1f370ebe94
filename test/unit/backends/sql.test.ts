import { describe, expect, test } from 'vitest';
import type { Statement } from '../../../src/backends/ports.ts';
import { compileSql, createTable } from '../../../src/backends/real/sql.ts';

const TYPES = { owner: 'bigint', note: 'text' };

const select = (rest: Partial<Extract<Statement, { kind: 'select' }>>): Statement => ({
  kind: 'select',
  table: 't',
  columns: ['a'],
  where: [],
  ...rest,
});

test('an insert sends one array per column, whatever its rows', () => {
  const insert = (owner: number[], note: (string | null)[]): Statement => ({
    kind: 'insert',
    table: 't',
    columns: { owner, note },
    onConflict: 'ignore',
    returning: ['owner'],
  });
  const text =
    'INSERT INTO "s"."t" ("owner", "note") SELECT * FROM unnest($1::bigint[], $2::text[])' +
    ' ON CONFLICT DO NOTHING RETURNING "owner"';
  expect(compileSql(insert([1, 2], ['x', null]), 's', TYPES)).toEqual({
    text,
    values: ['{1,2}', '{"x",NULL}'],
  });
  expect(compileSql(insert([], []), 's', TYPES)).toEqual({ text, values: ['{}', '{}'] });
});

test('array elements are quoted, so that no text ends or splits them', () => {
  const note = ['a"b', 'c\\d', '{e,f}', '', 'NULL'];
  const insert: Statement = { kind: 'insert', table: 't', columns: { note }, onConflict: 'fail' };
  expect(compileSql(insert, 's', TYPES).values).toEqual([String.raw`{"a\"b","c\\d","{e,f}","","NULL"}`]);
});

test('a select with all its parts', () => {
  const statement = select({
    columns: ['a', 'b'],
    where: [
      ['a', '>=', 5],
      ['b', 'in', ['x', 'y']],
    ],
    orderBy: ['b', 'a'],
    limit: 10,
    lock: 'update-skip-locked',
  });
  expect(compileSql(statement, 's')).toEqual({
    text:
      'SELECT "a", "b" FROM "s"."t" WHERE "a" >= $1 AND "b" = ANY($2) ORDER BY "b", "a" LIMIT $3' +
      ' FOR UPDATE SKIP LOCKED',
    values: [5, '{"x","y"}', 10],
  });
});

test('a count has no rows travel', () => {
  expect(compileSql({ kind: 'count', table: 't', where: [['a', '<', 5]] }, 's')).toEqual({
    text: 'SELECT count(*) AS rows FROM "s"."t" WHERE "a" < $1',
    values: [5],
  });
});

test('an update sets and adds', () => {
  const statement: Statement = {
    kind: 'update',
    table: 't',
    set: { a: { add: -2 }, b: 'x', c: null },
    where: [['a', '>=', 2]],
    returning: ['a'],
  };
  expect(compileSql(statement, 's')).toEqual({
    text: 'UPDATE "s"."t" SET "a" = "a" + $1, "b" = $2, "c" = $3 WHERE "a" >= $4 RETURNING "a"',
    values: [-2, 'x', null, 2],
  });
});

test('a delete', () => {
  const remove: Statement = { kind: 'delete', table: 't', where: [] };
  expect(compileSql(remove, 's')).toEqual({ text: 'DELETE FROM "s"."t"', values: [] });
});

test('advisory locks that belong to the schema, tried or waited for within a bound', () => {
  const fence = `SELECT nextval('"s".fences') AS fence FROM held`;
  expect(compileSql({ kind: 'advisory-lock', keys: ["k'1", 'k2'], waitMs: 0 }, 's')).toEqual({
    text:
      'WITH held AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AND ' +
      `pg_try_advisory_xact_lock(hashtextextended($2, 0)) AS had) ${fence} WHERE had`,
    values: ["s:k'1", 's:k2'],
  });
  expect(compileSql({ kind: 'advisory-lock', keys: ["k'1"], waitMs: 4.2 }, 's')).toEqual({
    text:
      "WITH timeout AS MATERIALIZED (SELECT set_config('lock_timeout', $1, true)), " +
      'held AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($2, 0)) FROM timeout) ' +
      fence,
    values: ['5', "s:k'1"],
  });
});

test('a table with its keys', () => {
  const columns = { id: 'bigserial', a: 'integer', b: 'text', c: 'double' } as const;
  expect(createTable('s', { name: 't', columns, primaryKey: ['id'], unique: [['a', 'b']] })).toBe(
    'CREATE TABLE IF NOT EXISTS "s"."t" ("id" bigserial, "a" integer, "b" text COLLATE "C",' +
      ' "c" double precision, PRIMARY KEY ("id"), UNIQUE ("a", "b"))',
  );
});

describe('what is no value never becomes SQL', () => {
  const HOSTILE = 'a"; DROP TABLE t; --';
  test.each<[string, Statement]>([
    ['a table', { kind: 'delete', table: HOSTILE, where: [] }],
    ['a column', select({ columns: [HOSTILE] })],
    ['a condition', select({ where: [[HOSTILE, '=', 1]] })],
    ['an order', select({ orderBy: [HOSTILE] })],
    ['a change', { kind: 'update', table: 't', set: { [HOSTILE]: 1 }, where: [] }],
    ['an inserted column', { kind: 'insert', table: 't', columns: { [HOSTILE]: [1] }, onConflict: 'fail' }],
  ])('%s', (_, statement) => {
    expect(() => compileSql(statement, 's', TYPES)).toThrow(/plain SQL identifier/);
  });

  test('a value is not part of the text', () => {
    const { text, values } = compileSql(select({ where: [['a', '=', HOSTILE]] }), 's');
    expect(text).not.toContain('DROP');
    expect(values).toEqual([HOSTILE]);
  });

  test('columns of different lengths and numbers that are not finite are defects', () => {
    const insert = (columns: Record<string, number[]>): Statement => ({
      kind: 'insert',
      table: 't',
      columns,
      onConflict: 'fail',
    });
    expect(() => compileSql(insert({ a: [1, 2], b: [1] }), 's', TYPES)).toThrow(/one value per row/);
    expect(() => compileSql(insert({}), 's', TYPES)).toThrow(/names its columns/);
    expect(() => compileSql(insert({ a: [Number.NaN] }), 's', TYPES)).toThrow(/finite/);
    expect(() => compileSql(select({ where: [['a', '=', Number.POSITIVE_INFINITY]] }), 's')).toThrow(
      /finite/,
    );
  });
});

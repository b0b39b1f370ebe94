import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  BackendError,
  type Postgres,
  type Row,
  type SqlValue,
  type Statement,
  type TableSpec,
  type Where,
} from '../../src/backends/ports.ts';
import { SimulatedPostgresServer } from '../../src/backends/simulated/postgres.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { realWorld, uniqueSchema, type World } from './postgres-worlds.ts';

const ITEMS: TableSpec = {
  name: 'items',
  columns: { id: 'bigserial', a: 'integer', b: 'text', c: 'double', d: 'bigint' },
  primaryKey: ['id'],
  unique: [['a', 'b']],
};
const PAIRS: TableSpec = {
  name: 'pairs',
  columns: { x: 'integer', y: 'text', n: 'bigint' },
  primaryKey: ['x', 'y'],
};

/** Few values, so that they meet, with bounds and letters that sort in surprising ways. */
const VALUES: Readonly<Record<string, readonly SqlValue[]>> = {
  id: [1, 2, 3, 5, 8],
  a: [0, 1, 2, -1, 2_147_483_647, null, '2', ' 3 '],
  b: ['', 'a', 'B', 'é', '🛒', '\uE000', "it's", '\\{"a"}', null, 7],
  c: [0, -0, 0.1, 1e21, 5e-324, 1.7e308, null, '2.5'],
  d: [0, 1, 9_000_000_000_000_000, -9_000_000_000_000_000, null],
};
/** Not of the column's type, or out of its range. */
const UNREADABLE: Readonly<Record<string, readonly SqlValue[]>> = {
  id: [0.5],
  a: [2_147_483_648, 'x', 1.5],
  b: ['\0'],
  c: ['', 'nan?'],
  d: [2.5, '12a'],
};
const LIKE: Readonly<Record<string, string>> = { x: 'a', y: 'b', n: 'd' };

const valueOf = (column: string): fc.Arbitrary<SqlValue> => {
  const name = LIKE[column] ?? column;
  return fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...VALUES[name]!) },
    { weight: 1, arbitrary: fc.constantFrom(...UNREADABLE[name]!) },
  );
};

const conditionOf = (column: string): fc.Arbitrary<Where[number]> =>
  fc.oneof(
    fc.tuple(fc.constant(column), fc.constantFrom('=', '<>', '<', '<=', '>', '>='), valueOf(column)),
    fc.tuple(fc.constant(column), fc.constant('in'), fc.array(valueOf(column), { maxLength: 4 })),
  );

const whereOf = (columns: readonly string[]): fc.Arbitrary<Where> =>
  fc.array(fc.constantFrom(...columns).chain(conditionOf), { maxLength: 3 });

const insertInto = ({ name, columns }: TableSpec): fc.Arbitrary<Statement> => {
  const given = Object.keys(columns).filter((column) => columns[column] !== 'bigserial');
  return fc
    .array(fc.record(Object.fromEntries(given.map((column) => [column, valueOf(column)]))), { maxLength: 4 })
    .chain((rows) =>
      fc.record({
        kind: fc.constant('insert'),
        table: fc.constant(name),
        columns: fc.constant(
          Object.fromEntries(given.map((column) => [column, rows.map((row) => row[column]!)])),
        ),
        onConflict: fc.constantFrom('ignore', 'ignore', 'fail'),
        returning: fc.constant(Object.keys(columns)),
      }),
    );
};

/** A limit comes with an order by the key: which rows it leaves would be up to the server else. */
const selectFrom = ({ name, columns, primaryKey }: TableSpec): fc.Arbitrary<Statement> => {
  const all = Object.keys(columns);
  return fc.record(
    {
      kind: fc.constant('select'),
      table: fc.constant(name),
      columns: fc.constant(all),
      where: whereOf(all),
      orderBy: fc.subarray(all, { maxLength: 2 }).map((order) => [...new Set([...order, ...primaryKey])]),
      limit: fc.integer({ min: 0, max: 5 }),
      lock: fc.constantFrom('update', 'update-skip-locked'),
    },
    { requiredKeys: ['kind', 'table', 'columns', 'where', 'orderBy'] },
  );
};

const changeOf = (column: string): fc.Arbitrary<[string, SqlValue | { readonly add: number }]> =>
  fc
    .oneof(
      valueOf(column),
      fc.constantFrom(1, -1, 0.5, 2_147_483_647).map((add) => ({ add })),
    )
    .map((value) => [column, value]);

/** At most one row's key changes at a time: in which order several do would be up to the server else. */
const updateOf = ({ name, columns, primaryKey, unique }: TableSpec): fc.Arbitrary<Statement> => {
  const all = Object.keys(columns);
  const keys = new Set([...primaryKey, ...(unique ?? []).flat()]);
  const oneRow = fc.tuple(
    ...primaryKey.map((column) => valueOf(column).map((value) => [column, '=', value] as const)),
  );
  const update = (names: readonly string[], where: fc.Arbitrary<Where>) =>
    fc.record({
      kind: fc.constant('update'),
      table: fc.constant(name),
      set: fc
        .array(fc.constantFrom(...names).chain(changeOf), { minLength: 1, maxLength: 2 })
        .map(Object.fromEntries),
      where,
      returning: fc.constant(all),
    });
  return fc.oneof(
    update(
      all.filter((column) => !keys.has(column)),
      whereOf(all),
    ),
    update(all, oneRow),
  );
};

const deleteFrom = ({ name, columns }: TableSpec): fc.Arbitrary<Statement> =>
  fc.record({
    kind: fc.constant('delete' as const),
    table: fc.constant(name),
    where: whereOf(Object.keys(columns)),
  });

const countOf = ({ name, columns }: TableSpec): fc.Arbitrary<Statement> =>
  fc.record({
    kind: fc.constant('count' as const),
    table: fc.constant(name),
    where: whereOf(Object.keys(columns)),
  });

const statement = fc
  .constantFrom(ITEMS, PAIRS)
  .chain((table) =>
    fc.oneof(
      { weight: 5, arbitrary: insertInto(table) },
      { weight: 3, arbitrary: selectFrom(table) },
      { weight: 1, arbitrary: countOf(table) },
      { weight: 3, arbitrary: updateOf(table) },
      { weight: 1, arbitrary: deleteFrom(table) },
    ),
  );

/** One statement by itself, or some in a transaction. */
const step = fc.oneof(
  statement.map((one) => ({ statements: [one], ending: 'alone' as const })),
  fc.record({
    statements: fc.array(statement, { minLength: 1, maxLength: 5 }),
    ending: fc.constantFrom('commit' as const, 'rollback' as const),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const byText = (rows: readonly Row[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).toSorted((a, b) => (a < b ? -1 : Number(a > b)));

/** The code of an error. Of two values that cannot be read, either may be complained of first. */
const codeOf = ({ effect, message }: BackendError): string => {
  const code = /^postgres: (\w{5}) /.exec(message)?.[1] ?? message;
  return `${effect} ${/^(?:22|42883)/.test(code) ? 'unreadable' : code}`;
};

/** What a statement gave; rows in an order of their own where none was asked for. */
const outcomeOf = async (query: Postgres['query'], one: Statement): Promise<unknown> => {
  try {
    const { rows, count } = await query(one);
    return { count, rows: one.kind === 'select' ? rows : byText(rows) };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return codeOf(error);
  }
};

const run = async (postgres: Postgres, { statements, ending }: Step): Promise<unknown> => {
  if (ending === 'alone') return outcomeOf((one) => postgres.query(one), statements[0]!);
  const outcomes: unknown[] = [];
  const rolledBack = new Error('rolled back');
  try {
    await postgres.transaction(async (query) => {
      for (const one of statements) outcomes.push(await outcomeOf(query, one));
      if (ending === 'rollback') throw rolledBack;
    });
    outcomes.push('committed');
  } catch (error) {
    if (error !== rolledBack && !(error instanceof BackendError)) throw error;
    outcomes.push(error === rolledBack ? 'rolled back' : 'not committed');
  }
  return outcomes;
};

let world: World;
let real: Postgres;

beforeAll(async () => {
  world = realWorld();
  real = await world.open({ poolSize: 1 });
});
afterAll(() => world.close());

test('random statements give the same in both worlds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const server = new SimulatedPostgresServer({ clock: wallClock, random: new SeededRandom(1) });
      const simulated = server.connect({ schema: uniqueSchema() });
      await real.drop();
      await Promise.all([real, simulated].map((postgres) => postgres.define([ITEMS, PAIRS])));
      for (const one of steps) expect(await run(simulated, one)).toEqual(await run(real, one));
    }),
    { numRuns: 150 },
  );
});

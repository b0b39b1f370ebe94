import { unreachable } from '../../../kernel/assert.ts';
import type { Random } from '../../../kernel/random.ts';
import type { Row, SqlValue, Statement, StatementResult } from '../../ports.ts';
import { rowsToInsert } from '../../statements.ts';
import type { AdvisoryLocks } from './advisory-locks.ts';
import { DELETED, type StoredRow } from './row.ts';
import { scan } from './scan.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import { add, coerce, compareValues, sqlError, type Values } from './values.ts';
import { bindWhere, matches, type Condition } from './where.ts';

/** A schema's tables and locks, as one statement meets them. */
export interface Execution {
  readonly transaction: Transaction;
  readonly tables: ReadonlyMap<string, Table>;
  readonly advisoryLocks: AdvisoryLocks;
  readonly random: Random;
}

/** A statement in progress: each step that cannot go on yields the transaction whose end it waits for. */
export type Steps<Result = StatementResult> = Generator<Transaction, Result, void>;

type Of<Kind extends Statement['kind']> = Extract<Statement, { readonly kind: Kind }>;

const tableOf = ({ tables }: Execution, name: string): Table => {
  const table = tables.get(name);
  if (table === undefined) throw sqlError('42P01', `relation "${name}" does not exist`);
  return table;
};

/** Waits until it is known whether `values` may be written. Gives the constraint that forbids it. */
function* violation(table: Table, values: Values, transaction: Transaction, self?: StoredRow): Steps<string | undefined> {
  for (;;) {
    const obstacle = table.obstacle(values, transaction, self);
    if (obstacle === undefined) return undefined;
    if (obstacle.kind === 'duplicate') return obstacle.index.constraint;
    yield obstacle.writer;
  }
}

const duplicateKey = (constraint: string) =>
  sqlError('23505', `duplicate key value violates unique constraint "${constraint}"`);

/**
 * Takes a row's lock and gives its newest version, if that still matches: the wait may have changed it, as in
 * PostgreSQL's EvalPlanQual.
 */
function* lockRow(
  row: StoredRow,
  conditions: readonly Condition[],
  transaction: Transaction,
): Steps<Values | undefined> {
  while (row.isHeldFrom(transaction)) yield row.holder!;
  const seen = row.seenBy(transaction);
  if (seen === undefined || !matches(conditions, seen)) return undefined;
  row.lock(transaction);
  return seen;
}

function* insert(execution: Execution, statement: Of<'insert'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const rowCount = rowsToInsert(statement.columns);
  const columns = Object.entries(statement.columns).map(([name, given]) => {
    const position = table.position(name);
    return { position, values: given.map((value) => coerce(table.types[position]!, value)) };
  });
  const serials = table.serialsBeside(columns.map(({ position }) => position));
  const project = table.projection(statement.returning ?? []);
  const rows: Row[] = [];
  let count = 0;
  for (let i = 0; i < rowCount; i += 1) {
    const values = table.blank();
    for (const { position, values: given } of columns) values[position] = given[i]!;
    for (const position of serials) values[position] = table.nextSerial(position);
    table.checkRequired(values);
    const constraint = yield* violation(table, values, transaction);
    if (constraint !== undefined) {
      if (statement.onConflict === 'ignore') continue;
      throw duplicateKey(constraint);
    }
    table.insert(values, transaction);
    count += 1;
    if (statement.returning !== undefined) rows.push(project(values));
  }
  return { rows, count };
}

const inOrder = (rows: StoredRow[], positions: readonly number[], transaction: Transaction): StoredRow[] => {
  const compare = (a: SqlValue, b: SqlValue): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return compareValues(a, b);
  };
  const versions = new Map(rows.map((row) => [row, row.seenBy(transaction)!]));
  return rows.toSorted((a, b) => {
    for (const position of positions) {
      const order = compare(versions.get(a)![position]!, versions.get(b)![position]!);
      if (order !== 0) return order;
    }
    return 0;
  });
};

/** Matching rows, as of now, in the order asked for. */
const selected = (
  { transaction, random }: Execution,
  table: Table,
  statement: Of<'select'>,
  conditions: readonly Condition[],
): Iterable<StoredRow> => {
  const order = statement.orderBy?.map((column) => table.position(column));
  const found = scan(table, conditions, transaction, { ordered: order !== undefined, random });
  const sorted = order?.[0] === table.orderPosition && table.rows.ascending;
  if (order !== undefined && !sorted) return inOrder([...found], order, transaction);
  // Who waits for a lock lets others change rows: what matches is settled before.
  return statement.lock === 'update' ? [...found] : found;
};

function* select(execution: Execution, statement: Of<'select'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const conditions = bindWhere(table, statement.where);
  const project = table.projection(statement.columns);
  const limit = statement.limit ?? Number.POSITIVE_INFINITY;
  const rows: Row[] = [];
  for (const row of selected(execution, table, statement, conditions)) {
    if (rows.length >= limit) break;
    if (statement.lock === undefined) {
      rows.push(project(row.seenBy(transaction)!));
      continue;
    }
    if (statement.lock === 'update-skip-locked' && row.isHeldFrom(transaction)) continue;
    const values = yield* lockRow(row, conditions, transaction);
    if (values !== undefined) rows.push(project(values));
  }
  return { rows, count: rows.length };
}

/** The rows an update or a delete is about: what matches now, before any of them is changed. */
const targets = ({ transaction, random }: Execution, table: Table, conditions: readonly Condition[]) => [
  ...scan(table, conditions, transaction, { ordered: false, random }),
];

const assignments = (table: Table, set: Of<'update'>['set']) =>
  Object.entries(set).map(([column, value]) => {
    const position = table.position(column);
    const type = table.types[position]!;
    if (typeof value === 'object' && value !== null) {
      const { add: addend } = value;
      return { position, next: (present: SqlValue) => add(type, present, addend) };
    }
    const constant = coerce(type, value);
    return { position, next: () => constant };
  });

function* update(execution: Execution, statement: Of<'update'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const conditions = bindWhere(table, statement.where);
  const changes = assignments(table, statement.set);
  const project = table.projection(statement.returning ?? []);
  const rows: Row[] = [];
  let count = 0;
  for (const row of targets(execution, table, conditions)) {
    const present = yield* lockRow(row, conditions, transaction);
    if (present === undefined) continue;
    const values = present.slice();
    for (const { position, next } of changes) values[position] = next(present[position]!);
    table.checkRequired(values);
    const constraint = yield* violation(table, values, transaction, row);
    if (constraint !== undefined) throw duplicateKey(constraint);
    table.write(row, values);
    count += 1;
    if (statement.returning !== undefined) rows.push(project(values));
  }
  return { rows, count };
}

function* remove(execution: Execution, statement: Of<'delete'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const conditions = bindWhere(table, statement.where);
  let count = 0;
  for (const row of targets(execution, table, conditions)) {
    const present = yield* lockRow(row, conditions, transaction);
    if (present === undefined) continue;
    table.write(row, DELETED);
    count += 1;
  }
  return { rows: [], count };
}

function* advisoryLock({ advisoryLocks, transaction }: Execution, { key }: Of<'advisory-lock'>): Steps {
  for (;;) {
    const holder = advisoryLocks.tryLock(key, transaction);
    if (holder === undefined) return { rows: [], count: 0 };
    yield holder;
  }
}

/** Starts a statement; its errors are those of PostgreSQL. */
export const execute = (execution: Execution, statement: Statement): Steps => {
  switch (statement.kind) {
    case 'insert':
      return insert(execution, statement);
    case 'select':
      return select(execution, statement);
    case 'update':
      return update(execution, statement);
    case 'delete':
      return remove(execution, statement);
    case 'advisory-lock':
      return advisoryLock(execution, statement);
    default:
      return unreachable(statement);
  }
};

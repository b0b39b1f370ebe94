import { assert, unreachable } from '../../kernel/assert.ts';
import type { ColumnType, SqlValue, Statement, TableSpec, Where } from '../ports.ts';
import { checkedIdentifier, rowsToInsert, type StatementOf } from '../statements.ts';

/** SQL with its parameters: the same shape of statement always gives the same text. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

const SQL_TYPE: Readonly<Record<ColumnType, string>> = {
  bigserial: 'bigserial',
  bigint: 'bigint',
  integer: 'integer',
  double: 'double precision',
  // Ordered by bytes, whatever the locale of the server.
  text: 'text COLLATE "C"',
};

const quoted = (name: string): string => `"${checkedIdentifier(name)}"`;
const listed = (names: readonly string[]): string => names.map(quoted).join(', ');

/** A table's name as every statement writes it. */
export const qualifiedTable = (schema: string, table: string): string => `${quoted(schema)}.${quoted(table)}`;

/** `CREATE TABLE IF NOT EXISTS`, with its keys. */
export const createTable = (schema: string, spec: TableSpec): string => {
  const columns = Object.entries(spec.columns).map(([name, type]) => `${quoted(name)} ${SQL_TYPE[type]}`);
  const keys = [
    `PRIMARY KEY (${listed(spec.primaryKey)})`,
    ...(spec.unique ?? []).map((unique) => `UNIQUE (${listed(unique)})`),
  ];
  return `CREATE TABLE IF NOT EXISTS ${qualifiedTable(schema, spec.name)} (${[...columns, ...keys].join(', ')})`;
};

/** `CREATE INDEX IF NOT EXISTS`, by a name of its own. */
export const createIndex = (schema: string, table: string, columns: readonly string[]): string =>
  `CREATE INDEX IF NOT EXISTS ${quoted([table, ...columns].join('_'))} ON ${qualifiedTable(schema, table)} (${listed(columns)})`;

const fencesOf = (schema: string): string => `${quoted(schema)}.fences`;

/** The numbers that advisory locks come with: a sequence, since a transaction's own number costs a commit to the log. */
export const createFences = (schema: string): string => `CREATE SEQUENCE IF NOT EXISTS ${fencesOf(schema)}`;

const finite = <T extends SqlValue>(value: T): T => {
  assert(typeof value !== 'number' || Number.isFinite(value), 'SQL values are finite');
  return value;
};

const escapedElement = (value: SqlValue): string => {
  if (value === null) return 'NULL';
  return typeof value === 'number' ? String(finite(value)) : `"${value.replace(/[\\"]/g, '\\$&')}"`;
};

/** An array in PostgreSQL's text form. */
const arrayLiteral = (values: readonly SqlValue[]): string => `{${values.map(escapedElement).join(',')}}`;

/** Collects parameters and gives each its `$n`. */
class Parameters {
  readonly values: SqlValue[] = [];

  add(value: SqlValue): string {
    this.values.push(finite(value));
    return `$${this.values.length}`;
  }

  where(where: Where): string {
    if (where.length === 0) return '';
    const conditions = where.map((condition) =>
      condition[1] === 'in'
        ? `${quoted(condition[0])} = ANY(${this.add(arrayLiteral(condition[2]))})`
        : `${quoted(condition[0])} ${condition[1]} ${this.add(condition[2])}`,
    );
    return ` WHERE ${conditions.join(' AND ')}`;
  }
}

/** All rows travel as one array per column, so that any number of them is one round trip and one text. */
const insertSql = (
  table: string,
  statement: StatementOf<'insert'>,
  types: Readonly<Record<string, string>>,
  parameters: Parameters,
): string => {
  rowsToInsert(statement.columns);
  const names = Object.keys(statement.columns);
  const arrays = names.map((name) => {
    // A column the table does not have: the server says so, given any type.
    const type = types[name] ?? 'text';
    return `${parameters.add(arrayLiteral(statement.columns[name]!))}::${type}[]`;
  });
  const conflict = statement.onConflict === 'ignore' ? ' ON CONFLICT DO NOTHING' : '';
  return `INSERT INTO ${table} (${listed(names)}) SELECT * FROM unnest(${arrays.join(', ')})${conflict}`;
};

const selectSql = (table: string, statement: StatementOf<'select'>, parameters: Parameters): string => {
  let text = `SELECT ${listed(statement.columns)} FROM ${table}${parameters.where(statement.where)}`;
  if (statement.orderBy !== undefined) text += ` ORDER BY ${listed(statement.orderBy)}`;
  if (statement.limit !== undefined) text += ` LIMIT ${parameters.add(statement.limit)}`;
  if (statement.lock !== undefined) text += ' FOR UPDATE';
  if (statement.lock === 'update-skip-locked') text += ' SKIP LOCKED';
  return text;
};

const updateSql = (table: string, statement: StatementOf<'update'>, parameters: Parameters): string => {
  const assignments = Object.entries(statement.set).map(([name, value]) =>
    typeof value === 'object' && value !== null
      ? `${quoted(name)} = ${quoted(name)} + ${parameters.add(value.add)}`
      : `${quoted(name)} = ${parameters.add(value)}`,
  );
  return `UPDATE ${table} SET ${assignments.join(', ')}${parameters.where(statement.where)}`;
};

const returning = (names: readonly string[] | undefined): string =>
  names === undefined ? '' : ` RETURNING ${listed(names)}`;

/**
 * Advisory locks belong to the whole database: the schema's name keeps runs apart. What the last part reads is done
 * before it: the time-out is set, then the locks are had, then the fence is drawn.
 */
const advisoryLockSql = (
  schema: string,
  { keys, waitMs }: StatementOf<'advisory-lock'>,
  parameters: Parameters,
): string => {
  const hashes = () => keys.map((key) => `hashtextextended(${parameters.add(`${schema}:${key}`)}, 0)`);
  const fence = `SELECT nextval('${fencesOf(schema)}') AS fence FROM held`;
  if (waitMs <= 0) {
    const tries = hashes().map((hash) => `pg_try_advisory_xact_lock(${hash})`);
    return `WITH held AS MATERIALIZED (SELECT ${tries.join(' AND ')} AS had) ${fence} WHERE had`;
  }
  const limit = `SELECT set_config('lock_timeout', ${parameters.add(String(Math.ceil(waitMs)))}, true)`;
  const locks = hashes().map((hash) => `pg_advisory_xact_lock(${hash})`);
  return (
    `WITH timeout AS MATERIALIZED (${limit}), ` +
    `held AS MATERIALIZED (SELECT ${locks.join(', ')} FROM timeout) ${fence}`
  );
};

/** Compiles a statement for one schema. `types` are the SQL types of the table's columns; only an insert needs them. */
export const compileSql = (
  statement: Statement,
  schema: string,
  types: Readonly<Record<string, string>> = {},
): Sql => {
  const parameters = new Parameters();
  const text = (): string => {
    if (statement.kind === 'advisory-lock') return advisoryLockSql(schema, statement, parameters);
    const table = qualifiedTable(schema, statement.table);
    switch (statement.kind) {
      case 'insert':
        return insertSql(table, statement, types, parameters) + returning(statement.returning);
      case 'select':
        return selectSql(table, statement, parameters);
      case 'count':
        return `SELECT count(*) AS rows FROM ${table}${parameters.where(statement.where)}`;
      case 'update':
        return updateSql(table, statement, parameters) + returning(statement.returning);
      case 'delete':
        return `DELETE FROM ${table}${parameters.where(statement.where)}`;
      default:
        return unreachable(statement);
    }
  };
  return { text: text(), values: parameters.values };
};

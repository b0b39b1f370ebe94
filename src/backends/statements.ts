import { assert } from '../kernel/assert.ts';
import { BackendError, type SqlValue, type Statement, type StatementResult } from './ports.ts';

/** Statements of one kind. */
export type StatementOf<Kind extends Statement['kind']> = Extract<Statement, { readonly kind: Kind }>;

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const SHARED_SCHEMA = /^(?:public|information_schema|pg_.*)$/;

/** The names of tables and columns come from code, never from data: a name of another form is a defect. */
export const checkedIdentifier = (name: string): string => {
  assert(IDENTIFIER.test(name), `"${name}" is a plain SQL identifier`);
  return name;
};

/** A schema is dropped with all that is in it, so it must be one of our own. */
export const checkedSchema = (name: string): string => {
  assert(!SHARED_SCHEMA.test(name), `the schema "${name}" belongs to us alone`);
  return checkedIdentifier(name);
};

/** PostgreSQL would fill a shorter array of `unnest` with nulls. */
export const rowsToInsert = (columns: Readonly<Record<string, readonly SqlValue[]>>): number => {
  const [first, ...others] = Object.values(columns);
  assert(first !== undefined, 'an insert names its columns');
  for (const other of others)
    assert(other.length === first.length, 'an insert has one value per row and column');
  return first.length;
};

/** An advisory lock was not had in time: PostgreSQL makes an error of it. */
export const isLockTimeout = (error: unknown): boolean =>
  error instanceof BackendError && error.message.startsWith('postgres: 55P03 ');

export const NOT_HAD: StatementResult = { rows: [], count: 0 };

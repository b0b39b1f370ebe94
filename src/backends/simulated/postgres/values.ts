import { assert } from '../../../kernel/assert.ts';
import { BackendError, type ColumnType, type SqlValue } from '../../ports.ts';

/** One version of a row: its values in the order of the table's columns. */
export type Values = SqlValue[];

/** An error as PostgreSQL reports it: the statement had no effect, and its transaction is rolled back. */
export const sqlError = (code: string, message: string): BackendError =>
  new BackendError('postgres', 'none', `${code} ${message}`);

export const noRelation = (name: string): BackendError =>
  sqlError('42P01', `relation "${name}" does not exist`);

const INTEGER_TEXT = /^\s*[+-]?\d+\s*$/;
const BOUND = { integer: 2 ** 31, bigint: 2 ** 53, bigserial: 2 ** 53 } as const;

const toInteger = (value: string | number, bound: number): number => {
  const number = typeof value === 'number' || INTEGER_TEXT.test(value) ? Number(value) : Number.NaN;
  if (!Number.isInteger(number)) throw sqlError('22P02', `invalid input syntax for an integer: "${value}"`);
  if (number < -bound || number >= bound) throw sqlError('22003', `value ${number} is out of range`);
  return number + 0;
};

const toDouble = (value: string | number): number => {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw sqlError('22P02', `invalid input syntax for a double: "${value}"`);
  return number + 0;
};

const toText = (value: string | number): string => {
  const text = String(value);
  if (text.includes('\0')) throw sqlError('22021', 'invalid byte sequence for encoding "UTF8": 0x00');
  return text;
};

/** A parameter as the column's type reads it. Minus zero becomes zero, as it does on the wire. */
export const coerce = (type: ColumnType, value: SqlValue): SqlValue => {
  if (value === null) return null;
  assert(typeof value !== 'number' || Number.isFinite(value), 'SQL values are finite');
  if (type === 'text') return toText(value);
  return type === 'double' ? toDouble(value) : toInteger(value, BOUND[type]);
};

/** Adds to the values of a column; an unknown stays unknown. */
export const adder = (type: ColumnType, addend: number): ((value: SqlValue) => SqlValue) => {
  if (type === 'text') throw sqlError('42883', 'operator does not exist: text + unknown');
  const term = coerce(type, addend) as number;
  return (value) => {
    if (value === null) return null;
    const sum = (value as number) + term;
    if (!Number.isFinite(sum)) throw sqlError('22003', 'value out of range: overflow');
    return coerce(type, sum);
  };
};

/** Orders two values of one column; text by its bytes, as the collation "C" does. */
export const compareValues = (a: string | number, b: string | number): number =>
  typeof a === 'number' ? a - (b as number) : Buffer.compare(Buffer.from(a), Buffer.from(b as string));

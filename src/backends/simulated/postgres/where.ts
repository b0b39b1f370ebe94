import type { Comparison, SqlValue, Where } from '../../ports.ts';
import type { Table } from './table.ts';
import { coerce, compareValues, type Values } from './values.ts';

/** A condition with its column found and its value read as the column's type. */
export type Condition =
  | { readonly position: number; readonly comparison: Comparison; readonly value: SqlValue }
  | { readonly position: number; readonly comparison: 'in'; readonly values: ReadonlySet<SqlValue> };

export const bindWhere = (table: Table, where: Where): readonly Condition[] =>
  where.map(([column, ...rest]) => {
    const position = table.position(column);
    const type = table.types[position]!;
    if (rest[0] === 'in') {
      return { position, comparison: 'in', values: new Set(rest[1].map((value) => coerce(type, value))) };
    }
    return { position, comparison: rest[0], value: coerce(type, rest[1]) };
  });

/** By the sign of the comparison. */
const HOLDS = {
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
} as const;

const holds = (condition: Condition, value: SqlValue): boolean => {
  // A comparison with null is neither true nor false, so it does not hold.
  if (value === null) return false;
  if (condition.comparison === 'in') return condition.values.has(value);
  const { comparison, value: operand } = condition;
  if (operand === null) return false;
  if (comparison === '=') return value === operand;
  if (comparison === '<>') return value !== operand;
  return HOLDS[comparison](compareValues(value, operand));
};

export const matches = (conditions: readonly Condition[], values: Values): boolean => {
  for (const condition of conditions) if (!holds(condition, values[condition.position]!)) return false;
  return true;
};

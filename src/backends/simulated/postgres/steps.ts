import type { Random } from '../../../kernel/random.ts';
import type { StatementResult } from '../../ports.ts';
import type { AdvisoryLocks } from './advisory-locks.ts';
import type { StoredRow } from './row.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import { noRelation, sqlError, type Values } from './values.ts';
import { matches, type Condition } from './where.ts';

/** A schema's tables and locks, as one statement meets them. */
export interface Execution {
  readonly transaction: Transaction;
  readonly tables: ReadonlyMap<string, Table>;
  readonly advisoryLocks: AdvisoryLocks;
  readonly random: Random;
}

/** A statement in progress: each step that cannot go on yields the transaction whose end it waits for. */
export type Steps<Result = StatementResult> = Generator<Transaction, Result, void>;

export const tableOf = ({ tables }: Execution, name: string): Table => {
  const table = tables.get(name);
  if (table === undefined) throw noRelation(name);
  return table;
};

/** Waits until it is known whether `values` may be written. Gives the constraint that forbids it. */
export function* violation(
  table: Table,
  values: Values,
  transaction: Transaction,
  self?: StoredRow,
): Steps<string | undefined> {
  for (;;) {
    const obstacle = table.obstacle(values, transaction, self);
    if (obstacle === undefined) return undefined;
    if (obstacle.kind === 'duplicate') return obstacle.index.constraint;
    yield obstacle.writer;
  }
}

export const duplicateKey = (constraint: string) =>
  sqlError('23505', `duplicate key value violates unique constraint "${constraint}"`);

/**
 * Takes a row's lock and gives its newest version, if that still matches: the wait may have changed it, as in
 * PostgreSQL's EvalPlanQual.
 */
export function* lockRow(
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

import { unreachable } from '../../../kernel/assert.ts';
import type { Statement } from '../../ports.ts';
import type { StatementOf } from '../../statements.ts';
import { insert } from './insert.ts';
import { count, select } from './select.ts';
import type { Execution, Steps } from './steps.ts';
import { remove, update } from './update.ts';

function* advisoryLock(
  { advisoryLocks, transaction }: Execution,
  { keys, waitMs }: StatementOf<'advisory-lock'>,
): Steps {
  const { fences } = advisoryLocks;
  if (waitMs > 0) transaction.lockTimeoutMs = Math.ceil(waitMs);
  for (const key of keys) {
    let holder = advisoryLocks.tryLock(key, transaction);
    while (holder !== undefined) {
      if (waitMs <= 0) return { rows: [], count: 0 };
      yield holder;
      holder = advisoryLocks.tryLock(key, transaction);
    }
  }
  return { rows: [{ fence: fences.next() }], count: 1 };
}

/** Starts a statement; its errors are those of PostgreSQL. */
export const execute = (execution: Execution, statement: Statement): Steps => {
  switch (statement.kind) {
    case 'insert':
      return insert(execution, statement);
    case 'select':
      return select(execution, statement);
    case 'count':
      return count(execution, statement);
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

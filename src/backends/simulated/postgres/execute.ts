import { unreachable } from '../../../kernel/assert.ts';
import type { Statement } from '../../ports.ts';
import type { StatementOf } from '../../statements.ts';
import { insert } from './insert.ts';
import { select } from './select.ts';
import type { Execution, Steps } from './steps.ts';
import { remove, update } from './update.ts';

function* advisoryLock(
  { advisoryLocks, transaction }: Execution,
  { key }: StatementOf<'advisory-lock'>,
): Steps {
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

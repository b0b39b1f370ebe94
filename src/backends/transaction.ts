import { assert } from '../kernel/assert.ts';
import type { Statement, StatementResult } from './ports.ts';

/** One connection in which a transaction has begun. */
export interface TransactionSession {
  execute(statement: Statement): Promise<StatementResult>;
  /** Rejects when nothing was committed, or when that is not known. */
  commit(): Promise<void>;
  /** Never rejects: a connection that cannot roll back is given up, and with it the transaction. */
  rollback(): Promise<void>;
}

/** Runs `work` to its commit or its rollback. Statements that `work` issues together run one after the other. */
export const runTransaction = async <T>(
  session: TransactionSession,
  work: (query: (statement: Statement) => Promise<StatementResult>) => Promise<T>,
): Promise<T> => {
  let open = true;
  let last: Promise<unknown> = Promise.resolve();
  const query = (statement: Statement): Promise<StatementResult> => {
    assert(open, 'a transaction is used only until it ends');
    const result = last.then(() => session.execute(statement));
    last = result.catch(() => {});
    return result;
  };
  let value: T;
  try {
    value = await work(query);
  } catch (error) {
    open = false;
    await last;
    await session.rollback();
    throw error;
  }
  open = false;
  await last;
  await session.commit();
  return value;
};

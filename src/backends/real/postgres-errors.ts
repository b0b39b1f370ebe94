import { DatabaseError } from 'pg';
import { messageOf } from '../../kernel/errors.ts';
import { BackendError } from '../ports.ts';

/** Codes after which the server closes the connection: what it was doing may have been committed just before. */
const CONNECTION_LOST = /^(?:08...|57P0.|25P03|40003)$/;

/** What `pg` says when it did not even send. */
const NEVER_SENT = /is not queryable$/;

/** The server answered, and the connection lives on. */
const isRefusal = (thrown: unknown): thrown is DatabaseError =>
  thrown instanceof DatabaseError &&
  thrown.severity !== 'FATAL' &&
  thrown.severity !== 'PANIC' &&
  !CONNECTION_LOST.test(thrown.code ?? '');

/** After any other error than a plain refusal, the connection must not be used again. */
export const isConnectionLost = (thrown: unknown): boolean => !isRefusal(thrown);

/**
 * An error of `pg` as ours. `commits`: the request in flight commits by itself, so that a lost answer leaves its
 * effect unknown; a statement within a transaction goes with the transaction.
 */
export const backendErrorOf = (thrown: unknown, commits: boolean): BackendError => {
  const message = messageOf(thrown);
  const effect = !commits || isRefusal(thrown) || NEVER_SENT.test(message) ? 'none' : 'unknown';
  const code = thrown instanceof DatabaseError && thrown.code !== undefined ? `${thrown.code} ` : '';
  return new BackendError('postgres', effect, code + message, thrown);
};

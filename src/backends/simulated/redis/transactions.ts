import type { Keyspace } from './keyspace.ts';
import { CommandError, OK, type Reply, Status } from './reply.ts';
import type { Request, Session } from './session.ts';

type QueuedCommand = Pick<Request, 'command' | 'args'>;

const QUEUED = new Status('QUEUED');

/** These are executed where they stand; in a transaction all others are queued. */
const NEVER_QUEUED = new Set(['MULTI', 'EXEC', 'DISCARD', 'WATCH']);

/** Optimistic transactions: WATCH, MULTI, EXEC. */
export class Transactions {
  readonly #keyspace: Keyspace;
  readonly #execute: (command: QueuedCommand) => Reply;

  /** `execute` gives error replies, it does not throw them. */
  constructor(keyspace: Keyspace, execute: (command: QueuedCommand) => Reply) {
    this.#keyspace = keyspace;
    this.#execute = execute;
  }

  isQueued(session: Session, command: string): boolean {
    return session.transaction !== undefined && !NEVER_QUEUED.has(command);
  }

  queue(session: Session, request: QueuedCommand): Reply {
    session.transaction?.push(request);
    return QUEUED;
  }

  watch(session: Session, keys: readonly string[]): Reply {
    if (session.transaction !== undefined) throw new CommandError('ERR WATCH inside MULTI is not allowed');
    for (const key of keys) {
      session.watched.add(key);
      this.#keyspace.watch(key, session.watcher);
    }
    return OK;
  }

  unwatch(session: Session): Reply {
    for (const key of session.watched) this.#keyspace.unwatch(key, session.watcher);
    session.watched.clear();
    session.watcher.touched = false;
    return OK;
  }

  begin(session: Session): Reply {
    if (session.transaction !== undefined) throw new CommandError('ERR MULTI calls can not be nested');
    session.transaction = [];
    return OK;
  }

  discard(session: Session): Reply {
    if (session.transaction === undefined) throw new CommandError('ERR DISCARD without MULTI');
    return this.#end(session);
  }

  commit(session: Session): Reply {
    const { transaction, transactionRefused } = session;
    if (transaction === undefined) throw new CommandError('ERR EXEC without MULTI');
    // A look is enough to remove a key whose time has passed, which touches it.
    for (const key of session.watched) this.#keyspace.typeOf(key);
    const { touched } = session.watcher;
    this.#end(session);
    if (transactionRefused) {
      throw new CommandError('EXECABORT Transaction discarded because of previous errors.');
    }
    return touched ? null : transaction.map((request) => this.#execute(request));
  }

  #end(session: Session): Reply {
    session.transaction = undefined;
    session.transactionRefused = false;
    return this.unwatch(session);
  }
}

import type { CommandTable } from './command.ts';
import type { Keyspace } from './keyspace.ts';
import { CommandError, OK, type Reply, Status } from './reply.ts';
import type { QueuedCommand, Session } from './session.ts';

const QUEUED = new Status('QUEUED');

/** These are executed where they stand; within a transaction all others are queued. */
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

  get commands(): CommandTable {
    const outsideScripts = true;
    // Only UNWATCH can be part of a transaction, and there it has nothing to do.
    const run = () => OK;
    return {
      MULTI: { arity: 1, outsideScripts, run, onConnection: ({ session }) => this.#begin(session) },
      EXEC: { arity: 1, outsideScripts, run, onConnection: ({ session }) => this.#commit(session) },
      DISCARD: { arity: 1, outsideScripts, run, onConnection: ({ session }) => this.#discard(session) },
      WATCH: {
        arity: -2,
        outsideScripts,
        run,
        onConnection: ({ session, args }) => this.#watch(session, args),
      },
      UNWATCH: { arity: 1, outsideScripts, run, onConnection: ({ session }) => this.forget(session) },
    };
  }

  /** Keeps a command for EXEC, where a transaction is open; gives the reply, or undefined when there is none. */
  queue(session: Session, { command, args }: QueuedCommand): Reply | undefined {
    if (session.transaction === undefined || NEVER_QUEUED.has(command)) return undefined;
    session.transaction.push({ command, args });
    return QUEUED;
  }

  /** A command that cannot be queued: EXEC will do nothing. */
  refuse(session: Session): void {
    session.transactionRefused = session.transaction !== undefined;
  }

  /** Ends all watching. */
  forget(session: Session): Reply {
    for (const key of session.watched) this.#keyspace.unwatch(key, session.watcher);
    session.watched.clear();
    session.watcher.touched = false;
    return OK;
  }

  #watch(session: Session, keys: readonly string[]): Reply {
    if (session.transaction !== undefined) throw new CommandError('ERR WATCH inside MULTI is not allowed');
    for (const key of keys) {
      session.watched.add(key);
      this.#keyspace.watch(key, session.watcher);
    }
    return OK;
  }

  #begin(session: Session): Reply {
    if (session.transaction !== undefined) throw new CommandError('ERR MULTI calls can not be nested');
    session.transaction = [];
    return OK;
  }

  #discard(session: Session): Reply {
    if (session.transaction === undefined) throw new CommandError('ERR DISCARD without MULTI');
    return this.#end(session);
  }

  #commit(session: Session): Reply {
    const { transaction, transactionRefused } = session;
    if (transaction === undefined) throw new CommandError('ERR EXEC without MULTI');
    // A look is enough to remove a key whose time has passed, which touches it.
    for (const key of session.watched) this.#keyspace.typeOf(key);
    const { touched } = session.watcher;
    this.#end(session);
    if (transactionRefused) {
      throw new CommandError('EXECABORT Transaction discarded because of previous errors.');
    }
    return touched ? null : transaction.map((command) => this.#execute(command));
  }

  #end(session: Session): Reply {
    session.transaction = undefined;
    session.transactionRefused = false;
    return this.forget(session);
  }
}

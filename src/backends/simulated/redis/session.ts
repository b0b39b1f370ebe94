import type { Watcher } from './keyspace.ts';
import type { Reply } from './reply.ts';

export interface QueuedCommand {
  /** In upper case. */
  readonly command: string;
  readonly args: readonly string[];
}

/** A command on its way to the server, and what happens with the answer. */
export interface Request extends QueuedCommand {
  readonly session: Session;
  readonly answer: (reply: Reply) => void;
  /** The connection ended before there was an answer. */
  readonly lose: () => void;
}

/** What the server knows of one connection. */
export class Session {
  /** The commands of MULTI so far. */
  transaction: QueuedCommand[] | undefined;
  /** A command of the transaction was refused when it was to be queued. */
  transactionRefused = false;
  readonly watcher: Watcher = { touched: false };
  readonly watched = new Set<string>();
  /** A request that waits for an element in one of its lists, and the requests behind it. */
  blocked: Request | undefined;
  readonly behindBlocked: Request[] = [];
  closed = false;
}

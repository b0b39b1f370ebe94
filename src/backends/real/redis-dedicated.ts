import { wallClock, withDeadline } from '../../kernel/clock.ts';
import { BackendError, type RedisReply } from '../ports.ts';
import { refusalOf } from '../redis-protocol.ts';
import type { RedisConnection } from './redis-connection.ts';

/** How long the server itself may hold the answer back: what a blocking command says, in seconds, last. */
const heldBackMs = (name: string, args: readonly (string | number)[]): number => {
  if (!/^B(?:L|R|Z)/.test(name)) return 0;
  const seconds = Number(/^B[LZ]MPOP$/.test(name) ? args[0] : args.at(-1));
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000;
};

/** A connection for one borrower at a time, in which WATCH, MULTI and blocking commands have their meaning. */
export class DedicatedConnection {
  readonly #connection: RedisConnection;
  readonly #timeoutMs: number;
  #outstanding = 0;
  /** The command that ends what the borrower began. */
  #undo: 'UNWATCH' | 'DISCARD' | undefined;

  constructor(connection: RedisConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  get ready(): boolean {
    return this.#connection.ready;
  }

  async call(command: string, ...args: (string | number)[]): Promise<RedisReply> {
    const name = command.toUpperCase();
    const refusal = refusalOf(name, 'dedicated');
    if (refusal !== undefined) throw refusal;
    this.#note(name);
    this.#outstanding += 1;
    try {
      return await this.#answered(name, args);
    } finally {
      this.#outstanding -= 1;
    }
  }

  /** Leaves no transaction behind; says whether the connection is good for another borrower. */
  async recycle(): Promise<boolean> {
    const undo = this.#undo;
    if (this.#outstanding > 0 || !this.ready) return false;
    if (undo !== undefined) await this.call(undo);
    return true;
  }

  drop(): void {
    this.#connection.drop();
  }

  #answered(name: string, args: readonly (string | number)[]): Promise<RedisReply> {
    const answer = this.#connection.send(name, args, name);
    const deadlineMs = this.#timeoutMs + heldBackMs(name, args);
    // The caller asked to wait for ever: only a lost connection or `close` end that.
    if (!Number.isFinite(deadlineMs)) return answer;
    return withDeadline(wallClock, answer, deadlineMs, () => {
      // The next answer would be taken for this one's.
      this.drop();
      return new BackendError('redis', 'unknown', `${name}: no answer within ${deadlineMs} ms`);
    });
  }

  #note(name: string): void {
    if (name === 'MULTI') this.#undo = 'DISCARD';
    else if (name === 'WATCH') this.#undo ??= 'UNWATCH';
    else if (name === 'EXEC' || name === 'DISCARD') this.#undo = undefined;
    else if (name === 'UNWATCH' && this.#undo === 'UNWATCH') this.#undo = undefined;
  }
}

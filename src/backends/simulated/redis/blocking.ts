import type { Cancel, Clock } from '../../../kernel/clock.ts';
import { BLOCKED, type CommandTable } from './command.ts';
import type { Keyspace } from './keyspace.ts';
import { CommandError, parseFloating, type Reply } from './reply.ts';
import type { Request } from './session.ts';

interface Waiter {
  readonly request: Request;
  readonly keys: readonly string[];
  readonly cancelTimeout: Cancel;
}

/** BLPOP: connections that wait for an element. Who waits longest on a list is served first. */
export class BlockingPops {
  readonly #clock: Clock;
  readonly #keyspace: Keyspace;
  readonly #waiters = new Map<Request, Waiter>();
  readonly #queues = new Map<string, Set<Waiter>>();
  readonly #resume: (request: Request, reply: Reply) => void;

  /** `resume` gives the answer to a connection that waited. */
  constructor(clock: Clock, keyspace: Keyspace, resume: (request: Request, reply: Reply) => void) {
    this.#clock = clock;
    this.#keyspace = keyspace;
    this.#resume = resume;
  }

  get commands(): CommandTable {
    return {
      BLPOP: {
        arity: -3,
        outsideScripts: true,
        run: ({ keyspace }, args) => popFirst(keyspace, args.slice(0, -1)),
        onConnection: (request) => {
          const keys = request.args.slice(0, -1);
          const timeoutMs = parseTimeoutMs(request.args.at(-1)!);
          const popped = popFirst(this.#keyspace, keys);
          if (popped !== null) return popped;
          this.#block(request, keys, timeoutMs);
          return BLOCKED;
        },
      },
    };
  }

  forget(request: Request): void {
    const waiter = this.#waiters.get(request);
    if (waiter === undefined) return;
    this.#waiters.delete(request);
    waiter.cancelTimeout();
    for (const key of waiter.keys) {
      const queue = this.#queues.get(key);
      if (queue?.delete(waiter) && queue.size === 0) this.#queues.delete(key);
    }
  }

  /** Hands new elements to those who wait for them. Called when a request is done, so that it stays atomic. */
  serve(): void {
    const { pushedLists } = this.#keyspace;
    if (pushedLists.size === 0) return;
    for (const key of pushedLists) {
      while (this.#keyspace.typeOf(key) === 'list') {
        const [first] = this.#queues.get(key) ?? [];
        if (first === undefined) break;
        this.forget(first.request);
        this.#resume(first.request, popFirst(this.#keyspace, [key]));
      }
    }
    pushedLists.clear();
  }

  #block(request: Request, keys: readonly string[], timeoutMs: number): void {
    const expire = () => {
      this.forget(request);
      this.#resume(request, null);
    };
    const cancelTimeout = Number.isFinite(timeoutMs) ? this.#clock.schedule(timeoutMs, expire) : () => {};
    const waiter: Waiter = { request, keys, cancelTimeout };
    this.#waiters.set(request, waiter);
    for (const key of keys) {
      const queue = this.#queues.get(key);
      if (queue === undefined) this.#queues.set(key, new Set([waiter]));
      else queue.add(waiter);
    }
  }
}

/** The first of the keys that has an element, and the element. */
const popFirst = (keyspace: Keyspace, keys: readonly string[]): Reply => {
  for (const key of keys) {
    const item = keyspace.find(key, 'list')?.popFront();
    if (item === undefined) continue;
    keyspace.changed(key);
    return [key, item];
  }
  return null;
};

/** The wait that BLPOP's last argument, in seconds, allows; Infinity for 0. */
const parseTimeoutMs = (text: string): number => {
  const seconds = parseFloating(text, () => new CommandError('ERR timeout is not a float or out of range'));
  if (seconds < 0) throw new CommandError('ERR timeout is negative');
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000;
};

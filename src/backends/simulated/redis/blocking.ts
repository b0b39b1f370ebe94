import type { Cancel, Clock } from '../../../kernel/clock.ts';
import type { Keyspace } from './keyspace.ts';
import { popFirst } from './lists.ts';
import type { Request } from './session.ts';
import type { Reply } from './reply.ts';

interface Waiter {
  readonly request: Request;
  readonly keys: readonly string[];
  readonly cancelTimeout: Cancel;
}

/** Connections that wait in BLPOP for an element: the one that waits longest on a list is served first. */
export class BlockedPops {
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

  /** `timeoutMs` may be Infinity. */
  block(request: Request, keys: readonly string[], timeoutMs: number): void {
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

  /** Hands new elements to those who wait for them. Called when a command is done, so that it stays atomic. */
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
}

import type { Redis } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Pause } from './pause.ts';

/** Enough for as long as a message or an answer may be late. */
const RUNS_REMEMBERED = 4_096;

/** Tickets of this node that hold a lock one after the other, under one lease. */
export interface Run {
  readonly key: string;
  /** Its first ticket, by which Redis knows it. */
  readonly name: string;
  /** When the lease began, on the server's clock. */
  readonly grantedMs: number;
  /** Those whose turn has not come, and the fence of the first of them. */
  readonly tickets: string[];
  nextFence: number;
}

/** A task of this node that waits for a lock or holds it. */
export interface Entry {
  readonly id: number;
  readonly key: string;
  /** Ended when the entry's turn comes, or when there is reason to ask. */
  readonly pause: Pause;
  turn: { readonly run: Run; readonly fence: number } | undefined;
}

/** One node's waiters, and the channel on which it is told of the runs in which their turns come. */
export class GrantChannel {
  readonly #redis: Pick<Redis, 'subscribe'>;
  readonly #clock: Clock;
  readonly #channel: string;
  readonly #onUnwanted: (run: Run) => void;
  readonly #entries = new Map<number, Entry>();
  /** How many entries there are for each key. */
  readonly #crowds = new Map<string, number>();
  /** Names of the runs that were heard of, the last ones. */
  readonly #accepted = new Set<string>();
  #joined: Promise<unknown> | undefined;
  #lastId = 0;

  /** `onUnwanted` hears of runs for which nobody waits any more. */
  constructor(
    redis: Pick<Redis, 'subscribe'>,
    clock: Clock,
    channel: string,
    onUnwanted: (run: Run) => void,
  ) {
    this.#redis = redis;
    this.#clock = clock;
    this.#channel = channel;
    this.#onUnwanted = onUnwanted;
  }

  /** Resolves once the channel is listened to; a failure is the caller's, and the next one tries again. */
  async join(): Promise<void> {
    this.#joined ??= this.#redis.subscribe(this.#channel, (message) => {
      const [fence, grantedMs, tickets, ...key] = message.split(' ');
      this.accept(key.join(' '), `${fence} ${grantedMs} ${tickets}`);
    });
    try {
      await this.#joined;
    } catch (error) {
      this.#joined = undefined;
      throw error;
    }
  }

  enter(key: string): Entry {
    this.#lastId += 1;
    const entry = { id: this.#lastId, key, pause: new Pause(this.#clock), turn: undefined };
    this.#entries.set(entry.id, entry);
    this.#crowds.set(key, this.waitersFor(key) + 1);
    return entry;
  }

  forget({ id, key }: Entry): void {
    if (!this.#entries.delete(id)) return;
    const left = this.waitersFor(key) - 1;
    if (left > 0) this.#crowds.set(key, left);
    else this.#crowds.delete(key);
  }

  waitersFor(key: string): number {
    return this.#crowds.get(key) ?? 0;
  }

  /** Has every waiter for `key` ask. */
  wake(key: string): void {
    for (const entry of this.#entries.values()) if (entry.key === key) entry.pause.end();
  }

  /** Starts a run of this node's. It may be heard of twice, and when it is over already: only the first time counts. */
  accept(key: string, text: string): void {
    const [fence, grantedMs, tickets] = text.split(' ') as [string, string, string];
    const waiting = tickets.split(',');
    const name = waiting[0]!;
    if (this.#accepted.has(name)) return;
    this.#remember(name);
    const run = { key, name, grantedMs: Number(grantedMs), tickets: waiting, nextFence: Number(fence) };
    if (!this.passOn(run)) this.#onUnwanted(run);
  }

  /** Gives the run's next turn to the first of its waiters that is still there, and says whether one was. */
  passOn(run: Run): boolean {
    for (let ticket = run.tickets.shift(); ticket !== undefined; ticket = run.tickets.shift()) {
      const fence = run.nextFence;
      run.nextFence += 1;
      const entry = this.#entryOf(ticket);
      if (entry !== undefined) {
        entry.turn = { run, fence };
        entry.pause.end();
        return true;
      }
    }
    return false;
  }

  /** Those of the run's tickets whose turn has not come and that are still waited for. */
  waitersOf({ tickets }: Run): string[] {
    return tickets.filter((ticket) => this.#entryOf(ticket) !== undefined);
  }

  #remember(name: string): void {
    this.#accepted.add(name);
    if (this.#accepted.size <= RUNS_REMEMBERED) return;
    const [oldest] = this.#accepted;
    this.#accepted.delete(oldest!);
  }

  #entryOf(ticket: string): Entry | undefined {
    return this.#entries.get(Number.parseInt(ticket, 10));
  }
}

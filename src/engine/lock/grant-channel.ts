import type { Redis } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Pause } from './pause.ts';

/** Enough for as long as a message or an answer may be late. */
const RUNS_REMEMBERED = 2_048;

/** Tasks of this node that hold a lock one after the other, under one lease. */
export interface Run {
  readonly key: string;
  /** When the lease began, on the server's clock. */
  readonly grantedMs: number;
  /** Its first task, by which Redis knows it. */
  readonly first: number;
  /** Those whose turn has not come, and the fence of the first of them. */
  readonly waiting: number[];
  nextFence: number;
}

/** A task of this node that waits for a lock or holds it. */
export interface Entry {
  readonly id: number;
  readonly key: string;
  /** When its wait is over. */
  readonly deadlineMs: number;
  /** Ended when the entry's turn comes, or when there is reason to ask. */
  readonly pause: Pause;
  turn: { readonly run: Run; readonly fence: number } | undefined;
}

/** One node's waiters, and the channel on which it is told of the runs in which their turns come. */
export class GrantChannel {
  readonly #redis: Pick<Redis, 'subscribe'>;
  readonly #clock: Clock;
  readonly #channel: string;
  readonly #node: string;
  readonly #onUnwanted: (run: Run) => void;
  readonly #entries = new Map<number, Entry>();
  /** How many entries there are for each key. */
  readonly #crowds = new Map<string, number>();
  /** The first tasks of the runs that were heard of lately, and of those before them. */
  #heard = new Set<number>();
  #heardBefore = new Set<number>();
  #joining: Promise<unknown> | undefined;
  #joined = false;
  #lastId = 0;

  /** `onUnwanted` hears of runs for which nobody waits any more. */
  constructor(
    { redis, clock }: { readonly redis: Pick<Redis, 'subscribe'>; readonly clock: Clock },
    channel: string,
    node: string,
    onUnwanted: (run: Run) => void,
  ) {
    this.#redis = redis;
    this.#clock = clock;
    this.#channel = channel;
    this.#node = node;
    this.#onUnwanted = onUnwanted;
  }

  /** Whether the channel is listened to. */
  get joined(): boolean {
    return this.#joined;
  }

  /** Resolves once the channel is listened to; a failure is the caller's, and the next one tries again. */
  async join(): Promise<void> {
    this.#joining ??= this.#redis.subscribe(this.#channel, (message) => {
      const [fence, grantedMs, node, ids, ...key] = message.split(' ');
      this.hear(key.join(' '), `${fence} ${grantedMs} ${node} ${ids}`);
    });
    try {
      await this.#joining;
      this.#joined = true;
    } catch (error) {
      this.#joining = undefined;
      throw error;
    }
  }

  enter(key: string, deadlineMs: number): Entry {
    this.#lastId += 1;
    const entry = { id: this.#lastId, key, deadlineMs, pause: new Pause(this.#clock), turn: undefined };
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

  /** Starts the run of `text`, and says who is in it: nobody, if it is another node's. */
  hear(key: string, text: string): readonly number[] {
    const [fence, grantedMs, node, ids] = text.split(' ');
    if (node !== this.#node || ids === undefined) return [];
    const waiting = ids.split(',').map(Number);
    this.start(key, Number(fence), Number(grantedMs), [...waiting]);
    return waiting;
  }

  /** Starts a run of this node's. It may be heard of twice, and when it is over already: only the first time counts. */
  start(key: string, fence: number, grantedMs: number, waiting: number[]): void {
    const first = waiting[0]!;
    if (this.#heard.has(first) || this.#heardBefore.has(first)) return;
    if (this.#heard.size === RUNS_REMEMBERED) {
      this.#heardBefore = this.#heard;
      this.#heard = new Set();
    }
    this.#heard.add(first);
    const run = { key, first, grantedMs, waiting, nextFence: fence };
    if (!this.passOn(run)) this.#onUnwanted(run);
  }

  /** Gives the run's next turn to the first of its waiters that is still there, and says whether one was. */
  passOn(run: Run): boolean {
    for (let id = run.waiting.shift(); id !== undefined; id = run.waiting.shift()) {
      const fence = run.nextFence;
      run.nextFence += 1;
      const entry = this.#entries.get(id);
      if (entry !== undefined) {
        entry.turn = { run, fence };
        entry.pause.end();
        return true;
      }
    }
    return false;
  }

  /** Those of the run whose turn has not come and that still wait. */
  waitersOf({ waiting }: Run): Entry[] {
    return waiting.flatMap((id) => this.#entries.get(id) ?? []);
  }
}

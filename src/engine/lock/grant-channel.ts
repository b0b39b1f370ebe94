import type { Redis } from '../../backends/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Pause } from './pause.ts';

/** At least so many, and twice as many at most: enough for as long as a message or an answer may be late. */
const RUNS_REMEMBERED = 16_384;

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
  /** In the order of arrival; 0 until it is known. */
  place: number;
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
  /** The runs of this node that hold a lock now. */
  readonly #running = new Map<string, Run>();
  /** The first tasks of runs that must not begin again, the last ones, and of those before them. */
  #begun = new Set<number>();
  #begunBefore = new Set<number>();
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
    const entry = {
      id: this.#lastId,
      key,
      deadlineMs,
      pause: new Pause(this.#clock),
      turn: undefined,
      place: 0,
    };
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

  /** Whether this node's tasks hand the lock to each other now. */
  isRunning(key: string): boolean {
    return this.#running.has(key);
  }

  /**
   * Starts the run of `text`, and says who is in it: nobody, if it is another node's. It may be heard of twice, and
   * when it is over already: only the first time counts.
   */
  hear(key: string, text: string): readonly number[] {
    const [fence, grantedMs, node, ids] = text.split(' ');
    if (node !== this.#node || ids === undefined) return [];
    const tasks = ids.split(',').map(Number);
    const first = tasks[0]!;
    const isKnown = this.#begun.has(first) || this.#begunBefore.has(first);
    if (!isKnown && this.#running.get(key)?.first !== first) {
      this.#remember(first);
      this.#begin({
        key,
        first,
        grantedMs: Number(grantedMs),
        waiting: [...tasks],
        nextFence: Number(fence),
      });
    }
    return tasks;
  }

  /** Starts a run of this node's that was not told on the channel. */
  start(key: string, fence: number, grantedMs: number, tasks: readonly number[]): void {
    const first = tasks[0]!;
    // Who asks may hear of it when it is over: then those in it may wait again.
    if (tasks.length > 1) this.#remember(first);
    this.#begin({ key, first, grantedMs, waiting: [...tasks], nextFence: fence });
  }

  /** The run holds the lock no more. Gives those whose turn had not come and that still wait. */
  end(run: Run): Entry[] {
    if (this.#running.get(run.key) === run) this.#running.delete(run.key);
    return run.waiting.splice(0).flatMap((id) => this.#entries.get(id) ?? []);
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

  /** One that is over, and that nobody waits for, does not take the place of the one that holds the lock. */
  #begin(run: Run): void {
    if (this.passOn(run)) this.#running.set(run.key, run);
    else this.#onUnwanted(run);
  }

  #remember(first: number): void {
    if (this.#begun.size === RUNS_REMEMBERED) {
      this.#begunBefore = this.#begun;
      this.#begun = new Set();
    }
    this.#begun.add(first);
  }
}

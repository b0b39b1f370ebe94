import { BackendError, type RedisReply, type RedisScript } from '../../backends/ports.ts';
import type { EngineContext } from '../strategy.ts';
import { Arrivals, GATHER_MS, type Party } from './fifo-arrivals.ts';
import { CHECK, END_RUN, ENTER, GIVE_UP } from './fifo-scripts.ts';
import { GrantChannel, type Entry, type Run } from './grant-channel.ts';
import type { AcquireKey, KeyRequest } from './key-by-key.ts';
import type { HeldLock } from './port.ts';
import { unawaited } from './unawaited.ts';

/** How long a waiter waits for its turn before it asks whether the holder has died or the grant was lost. */
const CHECK_MS = 250;
/** Tickets per key, over all nodes: whoever comes beyond that is turned away. */
const LONGEST_QUEUE = 10_000;
/** Behind so many of its node, who arrives may wait for others to come with. */
const CROWD = 3;
/** What must be left of a run's lease for its next turn. */
const LEASE_SHARE = 0.5;

/** One node's end of the queues before the locks. */
export class FifoQueue {
  readonly #context: EngineContext;
  readonly #ttlMs: number;
  readonly #owner: string;
  readonly #channels: string;
  readonly #grants: GrantChannel;
  readonly #arrivals: Arrivals;

  constructor(context: EngineContext, ttlMs: number) {
    const { clock, namespace, node, random } = context;
    this.#context = context;
    this.#ttlMs = ttlMs;
    this.#owner = `${node}-${random.integer(2 ** 31).toString(36)}`;
    this.#channels = namespace.key('lock-grants:');
    const channel = this.#channels + this.#owner;
    this.#grants = new GrantChannel(context, channel, this.#owner, (run) => this.#dropRun(run));
    this.#arrivals = new Arrivals(clock, (key, party) => this.#drawTicket(key, party));
  }

  readonly acquire: AcquireKey = async (request) => {
    if (!this.#grants.joined) await this.#grants.join();
    while (request.signal?.aborted !== true) {
      const outcome = await this.#queueUp(request);
      if (outcome !== 'passed-over') return outcome;
    }
    return undefined;
  };

  async #queueUp(request: KeyRequest): Promise<HeldLock | 'passed-over' | undefined> {
    const { key, deadlineMs } = request;
    const entry = this.#grants.enter(key, deadlineMs);
    const inHurry = !this.#mayGather(key) || deadlineMs <= this.#context.clock.now() + GATHER_MS;
    let party: Party | undefined;
    try {
      party = await this.#arrivals.enter(entry, inHurry);
      return party && (await this.#wait(entry, party, request));
    } catch (error) {
      if (entry.turn) this.#dropRun(entry.turn.run);
      throw error;
    } finally {
      // From here on its turn goes to the next one of the node.
      this.#grants.forget(entry);
      if (party && entry.turn === undefined) this.#leave(key, party);
    }
  }

  #leave(key: string, party: Party): void {
    party.staying -= 1;
    if (party.staying === 0) unawaited(this.#run(GIVE_UP, key, [party.ticket]));
  }

  /** Whether who arrives now waits for others: until the lock leaves this node, or behind a crowd of it in the queue. */
  #mayGather(key: string): boolean {
    const isCrowded = this.#grants.waitersFor(key) > CROWD;
    return isCrowded && (this.#grants.isRunning(key) || this.#withTicket(key) > CROWD);
  }

  #withTicket(key: string): number {
    return this.#grants.waitersFor(key) - this.#arrivals.gathering(key);
  }

  async #drawTicket(key: string, entries: readonly Entry[]): Promise<Party | undefined> {
    const sentMs = this.#context.clock.now();
    const { size, waitMs, ids } = partyOf(entries, sentMs);
    const reply = await this.#orDropRun(
      this.#run(ENTER, key, [this.#owner, LONGEST_QUEUE, size, waitMs, ids.join(',')]),
      { key, first: ids[0]!, grantedMs: 0, waiting: [], nextFence: 0 },
    );
    const [serverMs, place, ticket] = reply as [number, number, string];
    if (place === 0) return undefined;
    for (const entry of entries) entry.place = place;
    if (ticket === '') this.#grants.start(key, place, serverMs, ids);
    // The script ran after it was sent, so the server's time now is at most this node's time and so much.
    return { ticket, aheadMs: serverMs + 1 - sentMs, staying: size };
  }

  async #wait(
    entry: Entry,
    party: Party,
    { signal, alone }: KeyRequest,
  ): Promise<HeldLock | 'passed-over' | undefined> {
    const { clock } = this.#context;
    const { deadlineMs } = entry;
    const isOver = () => clock.now() >= deadlineMs || signal?.aborted === true;
    let found: 'waiting' | 'passed-over' = 'waiting';
    for (;;) {
      if (entry.turn) {
        const endMs = entry.turn.run.grantedMs + this.#ttlMs - party.aheadMs;
        return this.#held(entry.turn, endMs, alone);
      }
      if (found === 'passed-over') return found;
      if (isOver()) return undefined;
      await entry.pause.wait(Math.min(CHECK_MS, deadlineMs - clock.now()), signal);
      if (!entry.turn && !isOver()) found = await this.#check(entry);
    }
  }

  async #check({ key, id, place }: Entry): Promise<'waiting' | 'passed-over'> {
    const [run, behind] = (await this.#run(CHECK, key, [place])) as [string, number];
    const running = this.#grants.hear(key, run);
    return behind === 1 || running.includes(id) ? 'waiting' : 'passed-over';
  }

  /** `endMs`: when the lease is over at the earliest. */
  #held(
    { run, fence }: { readonly run: Run; readonly fence: number },
    endMs: number,
    alone: boolean,
  ): HeldLock {
    const { clock } = this.#context;
    const release = async () => {
      // The fence of an order with several keys may be newer than this run's: what follows it needs a newer one yet.
      const mayPassOn = alone && endMs - clock.now() >= this.#ttlMs * LEASE_SHARE;
      return mayPassOn && this.#grants.passOn(run) ? 'released' : this.#endRun(run);
    };
    return { kind: 'held', fence, validForMs: endMs - clock.now(), release };
  }

  async #endRun(run: Run): Promise<'released' | 'expired'> {
    const waiters = this.#grants.end(run);
    const args: (string | number)[] = [this.#owner, run.first];
    if (waiters.length > 0) {
      const { size, waitMs, ids } = partyOf(waiters, this.#context.clock.now());
      args.push(waiters[0]!.place, size, waitMs, ids.join(','));
    }
    try {
      const ended = this.#run(END_RUN, run.key, args);
      // Whoever has a ticket is before them, and need not wait for their script.
      if (this.#withTicket(run.key) <= CROWD) this.#arrivals.send(run.key);
      return (await ended) === 1 ? 'released' : 'expired';
    } catch (error) {
      // Nobody was told: this node's waiters must find out by themselves.
      this.#grants.wake(run.key);
      throw error;
    }
  }

  /** Nobody waits for the answer; a run that cannot be ended now is over with its lease. */
  #dropRun(run: Run): void {
    unawaited(this.#endRun(run));
  }

  /** When the answer is lost, `run` may hold the lock, and nobody would end it. */
  async #orDropRun<T>(entering: Promise<T>, run: Run): Promise<T> {
    try {
      return await entering;
    } catch (error) {
      if (error instanceof BackendError && error.effect !== 'none') this.#dropRun(run);
      throw error;
    }
  }

  #run(script: RedisScript, key: string, args: readonly (string | number)[]): Promise<RedisReply> {
    const { redis, namespace } = this.#context;
    return redis.run(
      script,
      [key, `${key}:queue`, namespace.key('fences')],
      [this.#ttlMs, this.#channels, ...args],
    );
  }
}

/** What Redis is told of tasks that arrive, or wait, together. */
const partyOf = (entries: readonly Entry[], nowMs: number) => {
  let lastMs = nowMs;
  for (const { deadlineMs } of entries) lastMs = Math.max(lastMs, deadlineMs);
  return { size: entries.length, waitMs: Math.ceil(lastMs - nowMs), ids: entries.map(({ id }) => id) };
};

import { BackendError, type RedisReply, type RedisScript } from '../../backends/ports.ts';
import type { EngineContext } from '../strategy.ts';
import { Arrivals, type Arrival, type Place } from './fifo-arrivals.ts';
import { CHECK, END_RUN, ENTER, GIVE_UP } from './fifo-scripts.ts';
import { GrantChannel, type Entry, type Run } from './grant-channel.ts';
import type { AcquireKey, KeyRequest } from './key-by-key.ts';
import type { HeldLock } from './port.ts';

/** How long a waiter waits for its turn before it asks whether the holder has died or the grant was lost. */
const CHECK_MS = 250;
/** Tickets per key, over all nodes: whoever comes beyond that is turned away. */
const LONGEST_QUEUE = 10_000;
/** Behind so many of its node, which holds the lock, who arrives loses nothing by waiting for others to draw tickets with. */
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
  /** Keys whose lock this node's tasks hand to each other now. */
  readonly #running = new Set<string>();

  constructor(context: EngineContext, ttlMs: number) {
    const { redis, clock, namespace, node, random } = context;
    this.#context = context;
    this.#ttlMs = ttlMs;
    this.#owner = `${node}-${random.integer(2 ** 31).toString(36)}`;
    this.#channels = namespace.key('lock-grants:');
    this.#grants = new GrantChannel(redis, clock, this.#channels + this.#owner, (run) => this.#dropRun(run));
    this.#arrivals = new Arrivals(clock, (key, arrivals) => this.#drawTickets(key, arrivals));
  }

  readonly acquire: AcquireKey = async (request) => {
    await this.#grants.join();
    while (request.signal?.aborted !== true) {
      const entry = this.#grants.enter(request.key);
      try {
        const outcome = await this.#enter(entry, request);
        if (outcome !== 'passed-over') return outcome;
      } catch (error) {
        if (entry.turn) this.#dropRun(entry.turn.run);
        throw error;
      } finally {
        this.#grants.forget(entry);
      }
    }
    return undefined;
  };

  async #enter(entry: Entry, request: KeyRequest): Promise<HeldLock | 'passed-over' | undefined> {
    const { key, deadlineMs } = request;
    const isFew = !this.#running.has(key) || this.#grants.waitersFor(key) <= CROWD;
    const inHurry = isFew || deadlineMs <= this.#context.clock.now();
    const { ticket, aheadMs } = await this.#arrivals.enter({ entry, deadlineMs }, inHurry);
    return ticket === undefined ? undefined : this.#wait(entry, ticket, aheadMs, request);
  }

  async #drawTickets(key: string, arrivals: readonly Arrival[]): Promise<readonly Place[]> {
    const sentMs = this.#context.clock.now();
    const args: (string | number)[] = [this.#owner, LONGEST_QUEUE];
    for (const { entry, deadlineMs } of arrivals)
      args.push(entry.id, Math.max(0, Math.ceil(deadlineMs - sentMs)));
    const reply = await this.#run(ENTER, key, args);
    const [serverMs, run, ...tickets] = reply as [number, string, ...string[]];
    if (run !== '') this.#grants.accept(key, run);
    // The script ran after it was sent, so the server's time now is at most this node's time and so much.
    const aheadMs = serverMs + 1 - sentMs;
    return tickets.map((ticket) => ({ ticket: ticket === '' ? undefined : ticket, aheadMs }));
  }

  async #wait(
    entry: Entry,
    ticket: string,
    aheadMs: number,
    { key, deadlineMs, signal, alone }: KeyRequest,
  ): Promise<HeldLock | 'passed-over' | undefined> {
    const { clock } = this.#context;
    const isOver = () => clock.now() >= deadlineMs || signal?.aborted === true;
    let found: 'waiting' | 'passed-over' = 'waiting';
    for (;;) {
      if (entry.turn) {
        const endMs = entry.turn.run.grantedMs + this.#ttlMs - aheadMs;
        return this.#held(entry.turn, endMs, alone);
      }
      if (found === 'passed-over') return found;
      if (isOver()) break;
      await entry.pause.wait(Math.min(CHECK_MS, deadlineMs - clock.now()), signal);
      if (!entry.turn && !isOver()) found = await this.#check(key, ticket);
    }
    // First: from here on its turn goes to the next one of the node.
    this.#grants.forget(entry);
    await this.#run(GIVE_UP, key, [ticket]);
    return undefined;
  }

  async #check(key: string, ticket: string): Promise<'waiting' | 'passed-over'> {
    const [run, behind] = (await this.#run(CHECK, key, [ticket])) as [string, number];
    const isOurs = run.endsWith(`:${this.#owner}`);
    if (isOurs) this.#grants.accept(key, run);
    return behind === 1 || (isOurs && run.includes(ticket)) ? 'waiting' : 'passed-over';
  }

  /** `endMs`: when the lease is over at the earliest. */
  #held(
    { run, fence }: { readonly run: Run; readonly fence: number },
    endMs: number,
    alone: boolean,
  ): HeldLock {
    const { clock } = this.#context;
    this.#running.add(run.key);
    const release = async () => {
      // The fence of an order with several keys may be newer than this run's: what follows it needs a newer one yet.
      const mayPassOn = alone && endMs - clock.now() >= this.#ttlMs * LEASE_SHARE;
      return mayPassOn && this.#grants.passOn(run) ? 'released' : this.#endRun(run);
    };
    return { kind: 'held', fence, validForMs: endMs - clock.now(), release };
  }

  async #endRun(run: Run): Promise<'released' | 'expired'> {
    this.#running.delete(run.key);
    const waiters = this.#grants.waitersOf(run);
    run.tickets.length = 0;
    try {
      const ended = this.#run(END_RUN, run.key, [run.name, ...waiters]);
      // Whoever has a ticket is before them, and need not wait for their script.
      this.#arrivals.send(run.key);
      return (await ended) === 1 ? 'released' : 'expired';
    } catch (error) {
      // Nobody was told: this node's waiters must find out by themselves.
      this.#grants.wake(run.key);
      throw error;
    }
  }

  /** Nobody waits for the answer; a run that cannot be ended now is over with its lease. */
  #dropRun(run: Run): void {
    this.#endRun(run).catch((error: unknown) => {
      if (!(error instanceof BackendError)) throw error;
    });
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

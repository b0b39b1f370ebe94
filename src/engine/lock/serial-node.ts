import { BackendError } from '../../backends/ports.ts';
import type { EngineContext } from '../strategy.ts';
import { Alarm } from './alarm.ts';
import type { AcquireKey, KeyRequest } from './key-by-key.ts';
import { NodeInbox, type Grant } from './node-inbox.ts';
import type { HeldLock } from './port.ts';
import { SerialQueue, ticketText } from './serial-queue.ts';
import { Ticket, type Turn } from './serial-ticket.ts';
import { unawaited } from './unawaited.ts';

/** The queue cannot be asked whether it is empty: a ticket is given the time of its way through the broker. */
const SHORTEST_WAIT_MS = 250;
/** How long a waiter waits before its node looks whether the broker is still there. */
const CHECK_MS = 250;
/** How far the clocks of nodes may go apart during a lease, as `redlock` counts it. */
const DRIFT_SHARE = 0.01;
const DRIFT_MS = 2;

const OVER: Turn = { kind: 'over' };

/** One node among those that queue for locks, and serve the queues. */
export class SerialNode {
  readonly #context: EngineContext;
  readonly #ttlMs: number;
  readonly #name: string;
  readonly #prefix: string;
  readonly #inbox: NodeInbox;
  readonly #alarm: Alarm;
  readonly #queues = new Map<string, SerialQueue>();
  /** Of tasks that wait or hold. */
  readonly #tickets = new Map<string, Ticket>();
  /** Of tasks that wait, in the order in which they came. */
  readonly #waiting = new Set<Ticket>();
  #lastTicket = 0;
  #checkedMs = -Infinity;

  constructor(context: EngineContext, ttlMs: number) {
    const { node, random, clock } = context;
    this.#context = context;
    this.#ttlMs = ttlMs;
    // Not the number alone: the run itself has a node beside the load's.
    this.#name = `${node}-${random.integer(2 ** 31).toString(36)}`;
    this.#prefix = `${this.#name}:`;
    this.#alarm = new Alarm(clock, () => this.#lookAfterWaiting());
    this.#inbox = new NodeInbox(context, this.#name, {
      granted: (grant) => this.#onGrant(grant),
      released: (queue, ticket) => this.#queueOf(queue).release(ticket),
    });
  }

  /** The key is the queue. */
  readonly acquire: AcquireKey = async (request) => {
    const { signal } = request;
    if (signal?.aborted === true) return undefined;
    const queue = this.#queueOf(request.key);
    const ticket = this.#newTicket(request);
    const onAbort = () => this.#settle(ticket, OVER);
    signal?.addEventListener('abort', onAbort, { once: true });
    void this.#enter(ticket, queue);
    const turn = await ticket.turn;
    signal?.removeEventListener('abort', onAbort);
    if (turn.kind === 'granted') return this.#held(ticket, turn.endMs);
    if (turn.kind === 'failed') throw turn.error;
    return undefined;
  };

  #newTicket({ key, deadlineMs }: KeyRequest): Ticket {
    this.#lastTicket += 1;
    const sinceMs = this.#context.clock.now();
    const ticket = new Ticket({
      name: this.#prefix + this.#lastTicket,
      queue: key,
      sinceMs,
      deadlineMs: Math.max(deadlineMs, sinceMs + SHORTEST_WAIT_MS),
    });
    this.#tickets.set(ticket.name, ticket);
    this.#waiting.add(ticket);
    this.#alarm.setFor(sinceMs + CHECK_MS);
    return ticket;
  }

  /** A ticket whose turn is no lock is gone at once: a grant that comes now goes back. */
  #settle(ticket: Ticket, turn: Turn): void {
    if (!this.#waiting.delete(ticket)) return;
    if (turn.kind !== 'granted') this.#tickets.delete(ticket.name);
    ticket.settle(turn);
  }

  #lookAfterWaiting(): void {
    const nowMs = this.#context.clock.now();
    const [first] = this.#waiting;
    if (first === undefined) return;
    // Before those whose time is over have gone: a node of which none waits for longer looks as well.
    if (this.#checkDueMs(first) <= nowMs) void this.#check();
    let nextMs = Infinity;
    for (const ticket of this.#waiting) {
      if (ticket.deadlineMs <= nowMs) this.#settle(ticket, OVER);
      else nextMs = Math.min(nextMs, ticket.deadlineMs, this.#checkDueMs(ticket));
    }
    this.#alarm.setFor(nextMs);
  }

  #checkDueMs({ sinceMs }: Ticket): number {
    return Math.max(sinceMs, this.#checkedMs) + CHECK_MS;
  }

  /** Puts the ticket into its queue, unless its task has gone before this node could hear and serve. */
  async #enter(ticket: Ticket, queue: SerialQueue): Promise<void> {
    const { broker, clock } = this.#context;
    try {
      if (!this.#inbox.isOpen || !queue.isOpen) {
        await this.#inbox.open();
        await queue.open();
        if (!this.#waiting.has(ticket)) return;
        ticket.deadlineMs = Math.max(ticket.deadlineMs, clock.now() + SHORTEST_WAIT_MS);
      }
      const deadlineEpochMs = clock.epoch() + ticket.deadlineMs - clock.now();
      const { kind } = await broker.publish({
        exchange: '',
        routingKey: ticket.queue,
        body: ticketText(ticket.name, this.#ttlMs, deadlineEpochMs),
        persistent: false,
        confirm: true,
      });
      if (kind === 'refused') this.#settle(ticket, { kind: 'refused' });
      if (kind === 'unroutable') throw new BackendError('rabbitmq', 'none', `no queue ${ticket.queue}`);
    } catch (error) {
      this.#settle(ticket, { kind: 'failed', error });
    }
  }

  /** A broker that cannot be reached any more tells nobody; one that is away for a moment brings the turns after all. */
  async #check(): Promise<void> {
    this.#checkedMs = this.#context.clock.now();
    try {
      await this.#inbox.check();
    } catch (error) {
      if (error instanceof BackendError && error.effect === 'unknown') return;
      for (const ticket of this.#waiting) this.#settle(ticket, { kind: 'failed', error });
    }
  }

  /** A lock for which no task is there any more goes back: its wait is over, or its release was lost. */
  #onGrant({ queue, ticket: name, by, sinceMs }: Grant): void {
    const { clock } = this.#context;
    const ticket = this.#tickets.get(name);
    if (ticket === undefined) {
      unawaited(this.#giveBack({ queue, name, by }));
      return;
    }
    // A node that lost the ticket with its channel, and does not know yet, still tells what the next one has told.
    if (sinceMs < ticket.grantedMs) return;
    ticket.grantedMs = sinceMs;
    const agoMs = Math.max(0, clock.epoch() - sinceMs);
    const endMs = clock.now() - agoMs + this.#ttlMs * (1 - DRIFT_SHARE) - DRIFT_MS;
    ticket.by = by;
    this.#settle(ticket, { kind: 'granted', endMs });
  }

  #held(ticket: Ticket, endMs: number): HeldLock {
    const { clock } = this.#context;
    const release = async () => {
      const isInTime = clock.now() < endMs;
      this.#tickets.delete(ticket.name);
      const isTold = await this.#giveBack(ticket);
      return isInTime && isTold ? 'released' : 'expired';
    };
    return { kind: 'held', fence: undefined, validForMs: endMs - clock.now(), release };
  }

  /** false: the node that served the ticket does so no longer, and who knows since when. */
  async #giveBack({ queue, name, by }: Pick<Ticket, 'queue' | 'name' | 'by'>): Promise<boolean> {
    if (by !== this.#name) return this.#inbox.release(by, queue, name);
    if (this.#queueOf(queue).release(name)) return true;
    await this.#inbox.check();
    return false;
  }

  #queueOf(name: string): SerialQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const { broker, clock } = this.#context;
    const queue = new SerialQueue({
      broker,
      clock,
      name,
      node: this.#name,
      isOwn: (ticket) => ticket.startsWith(this.#prefix),
      grant: (grant) => this.#onGrant(grant),
      send: (grant) => this.#inbox.grant(nodeOf(grant.ticket), grant),
    });
    this.#queues.set(name, queue);
    return queue;
  }
}

const nodeOf = (ticket: string): string => ticket.slice(0, ticket.indexOf(':'));

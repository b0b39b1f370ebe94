import { BackendError } from '../../backends/ports.ts';
import type { EngineContext } from '../strategy.ts';
import type { AcquireKey, KeyRequest } from './key-by-key.ts';
import { NodeInbox, type Grant } from './node-inbox.ts';
import { Pause } from './pause.ts';
import type { HeldLock } from './port.ts';
import { SerialQueue, ticketText } from './serial-queue.ts';
import { unawaited } from './unawaited.ts';

/** The queue cannot be asked whether it is empty: a ticket is given the time of its way through the broker. */
const SHORTEST_WAIT_MS = 250;
/** How long a waiter waits before its node looks whether the broker is still there. */
const CHECK_MS = 250;
/** How far the clocks of nodes may go apart during a lease, as `redlock` counts it. */
const DRIFT_SHARE = 0.01;
const DRIFT_MS = 2;

type Turn =
  | { readonly kind: 'awaited' }
  /** `endMs`: when the lease is over at the earliest. */
  | { readonly kind: 'granted'; readonly endMs: number }
  /** The queue is full. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A task of this node that waits for a lock or holds it. */
class Ticket {
  readonly name: string;
  readonly queue: string;
  readonly pause: Pause;
  turn: Turn = { kind: 'awaited' };
  /** When its task goes, at the latest. */
  deadlineMs: number;
  /** The node that serves it: another one, when that has lost its connection. */
  by = '';

  constructor(name: string, queue: string, pause: Pause, deadlineMs: number) {
    this.name = name;
    this.queue = queue;
    this.pause = pause;
    this.deadlineMs = deadlineMs;
  }

  /** Only the first turn counts. */
  settle(turn: Turn): void {
    if (this.turn.kind !== 'awaited') return;
    this.turn = turn;
    this.pause.end();
  }
}

/** One node among those that queue for locks, and serve the queues. */
export class SerialNode {
  readonly #context: EngineContext;
  readonly #ttlMs: number;
  readonly #name: string;
  readonly #inbox: NodeInbox;
  readonly #queues = new Map<string, SerialQueue>();
  readonly #tickets = new Map<string, Ticket>();
  #lastTicket = 0;
  #checkedMs = -Infinity;

  constructor(context: EngineContext, ttlMs: number) {
    const { node, random } = context;
    this.#context = context;
    this.#ttlMs = ttlMs;
    // Not the number alone: the run itself has a node beside the load's.
    this.#name = `${node}-${random.integer(2 ** 31).toString(36)}`;
    this.#inbox = new NodeInbox(context, this.#name, {
      granted: (grant) => this.#onGrant(grant),
      released: (queue, ticket) => this.#queueOf(queue).release(ticket),
    });
  }

  /** The key is the queue. */
  readonly acquire: AcquireKey = async (request) => {
    const queue = this.#queueOf(request.key);
    const ticket = this.#newTicket(request);
    queue.enter();
    const leave = () => {
      this.#tickets.delete(ticket.name);
      queue.exit();
    };
    try {
      const turn = await this.#turnOf(ticket, request.signal);
      if (turn.kind === 'granted') return this.#held(ticket, turn.endMs, leave);
      if (turn.kind === 'failed') throw turn.error;
    } catch (error) {
      leave();
      throw error;
    }
    leave();
    return undefined;
  };

  #newTicket({ key, deadlineMs }: KeyRequest): Ticket {
    const { clock } = this.#context;
    this.#lastTicket += 1;
    const name = `${this.#name}:${this.#lastTicket}`;
    const ticket = new Ticket(name, key, new Pause(clock), this.#notBeforeItsWay(deadlineMs));
    this.#tickets.set(name, ticket);
    return ticket;
  }

  #notBeforeItsWay(deadlineMs: number): number {
    return Math.max(deadlineMs, this.#context.clock.now() + SHORTEST_WAIT_MS);
  }

  async #turnOf(ticket: Ticket, signal: AbortSignal | undefined): Promise<Turn> {
    const { clock } = this.#context;
    const isAborted = () => signal?.aborted === true;
    if (isAborted()) return ticket.turn;
    void this.#enter(ticket);
    while (ticket.turn.kind === 'awaited' && clock.now() < ticket.deadlineMs && !isAborted()) {
      await ticket.pause.wait(Math.min(CHECK_MS, ticket.deadlineMs - clock.now()), signal);
      if (ticket.turn.kind === 'awaited') void this.#check();
    }
    return ticket.turn;
  }

  /** Puts the ticket into its queue, unless its task has gone before this node could hear and serve. */
  async #enter(ticket: Ticket): Promise<void> {
    const { broker, clock } = this.#context;
    try {
      await this.#inbox.open();
      await this.#queueOf(ticket.queue).open();
      if (!this.#tickets.has(ticket.name)) return;
      ticket.deadlineMs = this.#notBeforeItsWay(ticket.deadlineMs);
      const deadlineEpochMs = clock.epoch() + ticket.deadlineMs - clock.now();
      const { kind } = await broker.publish({
        exchange: '',
        routingKey: ticket.queue,
        body: ticketText(ticket.name, this.#ttlMs, deadlineEpochMs),
        persistent: false,
        confirm: true,
      });
      if (kind === 'refused') ticket.settle({ kind: 'refused' });
      if (kind === 'unroutable') throw new BackendError('rabbitmq', 'none', `no queue ${ticket.queue}`);
    } catch (error) {
      ticket.settle({ kind: 'failed', error });
    }
  }

  /** A broker that cannot be reached any more tells nobody; one that is away for a moment brings the turns after all. */
  async #check(): Promise<void> {
    const { clock } = this.#context;
    if (clock.now() - this.#checkedMs < CHECK_MS) return;
    this.#checkedMs = clock.now();
    try {
      await this.#inbox.check();
    } catch (error) {
      if (error instanceof BackendError && error.effect === 'unknown') return;
      for (const ticket of this.#tickets.values()) ticket.settle({ kind: 'failed', error });
    }
  }

  /** A lock for which no task is there any more goes back: its wait is over, or its release was lost. */
  #onGrant({ queue, ticket: name, by, sinceMs }: Grant): void {
    const { clock } = this.#context;
    const ticket = this.#tickets.get(name);
    if (ticket !== undefined) {
      const agoMs = Math.max(0, clock.epoch() - sinceMs);
      ticket.by = by;
      ticket.settle({
        kind: 'granted',
        endMs: clock.now() - agoMs + this.#ttlMs * (1 - DRIFT_SHARE) - DRIFT_MS,
      });
      return;
    }
    unawaited(this.#giveBack({ queue, name, by }));
  }

  #held(ticket: Ticket, endMs: number, leave: () => void): HeldLock {
    const { clock } = this.#context;
    const release = async () => {
      const isInTime = clock.now() < endMs;
      leave();
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
      isOwn: (ticket) => nodeOf(ticket) === this.#name,
      tell: (grant) => this.#tell(grant),
    });
    this.#queues.set(name, queue);
    return queue;
  }

  async #tell(grant: Grant): Promise<boolean> {
    const node = nodeOf(grant.ticket);
    if (node !== this.#name) return this.#inbox.grant(node, grant);
    this.#onGrant(grant);
    return true;
  }
}

const nodeOf = (ticket: string): string => ticket.slice(0, ticket.indexOf(':'));

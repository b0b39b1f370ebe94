import type { Clock } from '../../../kernel/clock.ts';
import type { Random } from '../../../kernel/random.ts';
import { BlockingPops } from './blocking.ts';
import { BLOCKED, type CommandSpec, type Execution, hasArity } from './command.ts';
import { hashes } from './hashes.ts';
import { keys } from './keys.ts';
import { Keyspace, type Tracker } from './keyspace.ts';
import { lists } from './lists.ts';
import { LuaHost } from './lua-host.ts';
import { CommandError, type Reply, wrongArity } from './reply.ts';
import { scripting } from './scripting.ts';
import type { QueuedCommand, Request, Session } from './session.ts';
import { sets } from './sets.ts';
import { sortedSets } from './sorted-sets.ts';
import { strings } from './strings.ts';
import { Transactions } from './transactions.ts';

type Subscriber = (message: string) => void;

/** A Redis server in memory: executes one request after the other, each as a whole. */
export class RedisServer {
  readonly #clock: Clock;
  readonly #keyspace = new Keyspace();
  readonly #transactions: Transactions;
  readonly #blockingPops: BlockingPops;
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #execution: Execution;
  readonly #commands: ReadonlyMap<string, CommandSpec>;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#transactions = new Transactions(this.#keyspace, (command) => this.#executeQueued(command));
    this.#blockingPops = new BlockingPops(clock, this.#keyspace, (request, reply) =>
      this.#resume(request, reply),
    );
    this.#execution = {
      keyspace: this.#keyspace,
      epochMs: () => clock.epoch(),
      publish: (channel, message) => this.#publish(channel, message),
    };
    const scripts = scripting(
      new LuaHost(random),
      (command) => this.#commands.get(command),
      (spec, args) => spec.run(this.#execution, args),
    );
    const control = { ...this.#transactions.commands, ...this.#blockingPops.commands };
    const data = { ...strings, ...hashes, ...lists, ...sets, ...sortedSets, ...keys };
    this.#commands = new Map(Object.entries({ ...data, ...scripts, ...control }));
  }

  /** Executes a request that has arrived, and answers it: at once, or when a blocking command has its element. */
  handle(request: Request): void {
    const { session } = request;
    if (session.blocked !== undefined) {
      session.behindBlocked.push(request);
      return;
    }
    this.#keyspace.advanceTo(this.#clock.epoch());
    this.#keyspace.expireSome();
    const reply = this.#dispatch(request);
    if (reply === BLOCKED) session.blocked = request;
    else request.answer(reply);
    // It was closed while the request was under way.
    if (session.closed) this.disconnect(session);
    this.#blockingPops.serve();
  }

  /** Forgets a connection, and what it waits for and watches. */
  disconnect(session: Session): void {
    session.closed = true;
    this.#transactions.forget(session);
    const { blocked } = session;
    session.blocked = undefined;
    if (blocked !== undefined) {
      this.#blockingPops.forget(blocked);
      blocked.lose();
    }
    for (const request of session.behindBlocked.splice(0)) request.lose();
  }

  subscribe(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    if (subscribers === undefined) this.#channels.set(channel, new Set([subscriber]));
    else subscribers.add(subscriber);
  }

  unsubscribe(channel: string, subscriber: Subscriber): void {
    const subscribers = this.#channels.get(channel);
    if (subscribers?.delete(subscriber) && subscribers.size === 0) this.#channels.delete(channel);
  }

  track(tracker: Tracker): void {
    this.#keyspace.track(tracker);
  }

  untrack(tracker: Tracker): void {
    this.#keyspace.untrack(tracker);
  }

  #resume(request: Request, reply: Reply): void {
    const { session } = request;
    session.blocked = undefined;
    request.answer(reply);
    for (const next of session.behindBlocked.splice(0)) this.handle(next);
  }

  #dispatch(request: Request): Reply | typeof BLOCKED {
    const { session, command, args } = request;
    let spec: CommandSpec;
    try {
      spec = this.#specOf(command, args);
    } catch (error) {
      this.#transactions.refuse(session);
      return asReply(error);
    }
    const queued = this.#transactions.queue(session, request);
    if (queued !== undefined) return queued;
    try {
      return spec.onConnection ? spec.onConnection(request) : spec.run(this.#execution, args);
    } catch (error) {
      return asReply(error);
    }
  }

  #executeQueued({ command, args }: QueuedCommand): Reply {
    try {
      return this.#specOf(command, args).run(this.#execution, args);
    } catch (error) {
      return asReply(error);
    }
  }

  #specOf(command: string, args: readonly string[]): CommandSpec {
    const spec = this.#commands.get(command);
    if (spec === undefined) {
      const quoted = args.map((arg) => `'${arg}' `).join('');
      throw new CommandError(`ERR unknown command '${command}', with args beginning with: ${quoted}`);
    }
    if (!hasArity(spec, args)) throw wrongArity(command);
    return spec;
  }

  #publish(channel: string, message: string): number {
    const subscribers = this.#channels.get(channel);
    for (const subscriber of subscribers ?? []) subscriber(message);
    return subscribers?.size ?? 0;
  }
}

/** An error of the client is a reply; any other is a defect of the simulation. */
const asReply = (error: unknown): CommandError => {
  if (error instanceof CommandError) return error;
  throw error;
};

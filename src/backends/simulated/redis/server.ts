import type { Clock } from '../../../kernel/clock.ts';
import type { Random } from '../../../kernel/random.ts';
import { BlockedPops } from './blocking.ts';
import { type CommandSpec, type CommandTable, type Execution, hasArity } from './command.ts';
import { hashes } from './hashes.ts';
import { keys } from './keys.ts';
import { Keyspace } from './keyspace.ts';
import { blockingTimeoutMs, lists, popFirst } from './lists.ts';
import { LuaHost } from './lua-host.ts';
import { CommandError, notAnInteger, parseInteger, type Reply, wrongArity } from './reply.ts';
import type { Request, Session } from './session.ts';
import { sets } from './sets.ts';
import { sortedSets } from './sorted-sets.ts';
import { strings } from './strings.ts';
import { Transactions } from './transactions.ts';

type Subscriber = (message: string) => void;

/** A request that has no answer yet. */
const BLOCKED = Symbol('blocked');

/** A Redis server in memory: executes one request after the other, each as a whole. */
export class RedisServer {
  readonly #clock: Clock;
  readonly #keyspace = new Keyspace();
  readonly #lua: LuaHost;
  readonly #transactions: Transactions;
  readonly #blockedPops: BlockedPops;
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #execution: Execution;
  readonly #commands: ReadonlyMap<string, CommandSpec>;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#lua = new LuaHost(random);
    this.#transactions = new Transactions(this.#keyspace, ({ command, args }) => this.#execute(command, args));
    this.#blockedPops = new BlockedPops(clock, this.#keyspace, (request, reply) => {
      const { session } = request;
      session.blocked = undefined;
      request.answer(reply);
      for (const next of session.behindBlocked.splice(0)) this.handle(next);
    });
    this.#execution = {
      keyspace: this.#keyspace,
      epochMs: () => clock.epoch(),
      publish: (channel, message) => this.#publish(channel, message),
    };
    this.#commands = new Map(
      Object.entries({ ...strings, ...hashes, ...lists, ...sets, ...sortedSets, ...keys, ...this.#scripting() }),
    );
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
    if (reply !== BLOCKED) request.answer(reply);
    this.#blockedPops.serve();
  }

  /** Forgets a connection and what it waits for or watches. */
  disconnect(session: Session): void {
    session.closed = true;
    this.#transactions.unwatch(session);
    const waiting = [...(session.blocked ? [session.blocked] : []), ...session.behindBlocked.splice(0)];
    if (session.blocked !== undefined) this.#blockedPops.forget(session.blocked);
    session.blocked = undefined;
    for (const request of waiting) request.lose();
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

  #dispatch(request: Request): Reply | typeof BLOCKED {
    const { session, command, args } = request;
    try {
      switch (command) {
        case 'MULTI':
        case 'EXEC':
        case 'DISCARD':
        case 'UNWATCH':
          if (args.length > 0) throw wrongArity(command);
          if (this.#transactions.isQueued(session, command)) return this.#transactions.queue(session, request);
          return this.#control(session, command);
        case 'WATCH':
          if (args.length === 0) throw wrongArity(command);
          return this.#transactions.watch(session, args);
        case 'BLPOP':
          if (session.transaction === undefined) return this.#blockingPop(request);
          if (args.length < 2) throw wrongArity(command);
          return this.#transactions.queue(session, request);
        default:
          if (!this.#transactions.isQueued(session, command)) return this.#execute(command, args);
          this.#specOf(command, args);
          return this.#transactions.queue(session, request);
      }
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (this.#transactions.isQueued(session, command)) session.transactionRefused = true;
      return error;
    }
  }

  #control(session: Session, command: 'MULTI' | 'EXEC' | 'DISCARD' | 'UNWATCH'): Reply {
    switch (command) {
      case 'MULTI':
        return this.#transactions.begin(session);
      case 'EXEC':
        return this.#transactions.commit(session);
      case 'DISCARD':
        return this.#transactions.discard(session);
      case 'UNWATCH':
        return this.#transactions.unwatch(session);
    }
  }

  #blockingPop(request: Request): Reply | typeof BLOCKED {
    const { args, session } = request;
    if (args.length < 2) throw wrongArity(request.command);
    const names = args.slice(0, -1);
    const timeoutMs = blockingTimeoutMs(args.at(-1)!);
    const popped = popFirst(this.#keyspace, names);
    if (popped !== null) return popped;
    session.blocked = request;
    this.#blockedPops.block(request, names, timeoutMs);
    return BLOCKED;
  }

  /** Gives the reply of a command, an error reply too. */
  #execute(command: string, args: readonly string[]): Reply {
    try {
      return this.#specOf(command, args).run(this.#execution, args);
    } catch (error) {
      if (error instanceof CommandError) return error;
      throw error;
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

  #executeForScript(words: readonly string[]): Reply {
    const args = words.slice(1);
    const spec = this.#commands.get(words[0]!.toUpperCase());
    if (spec === undefined) throw new CommandError('ERR Unknown Redis command called from script');
    if (!hasArity(spec, args)) {
      throw new CommandError('ERR Wrong number of args calling Redis command from script');
    }
    if (spec.outsideScripts === true) {
      throw new CommandError('ERR This Redis command is not allowed from script');
    }
    return spec.run(this.#execution, args);
  }

  #publish(channel: string, message: string): number {
    const subscribers = this.#channels.get(channel);
    for (const subscriber of subscribers ?? []) subscriber(message);
    return subscribers?.size ?? 0;
  }

  #scripting(): CommandTable {
    const refused = (name: string): CommandSpec => ({
      arity: -1,
      outsideScripts: true,
      run: () => {
        throw new CommandError(`ERR ${name} is not allowed here`);
      },
    });
    return {
      EVAL: { arity: -3, outsideScripts: true, run: (_, [text, ...rest]) => this.#run(this.#lua.load(text!), rest) },
      EVALSHA: { arity: -3, outsideScripts: true, run: (_, [digest, ...rest]) => this.#run(digest!.toLowerCase(), rest) },
      SCRIPT: { arity: -2, outsideScripts: true, run: (_, [subcommand, ...rest]) => this.#script(subcommand!, rest) },
      // Executed by `#dispatch`: here so that scripts are told that they may not.
      MULTI: refused('MULTI'),
      EXEC: refused('EXEC'),
      DISCARD: refused('DISCARD'),
      WATCH: refused('WATCH'),
      UNWATCH: refused('UNWATCH'),
      // Executed here within a transaction, where it does not wait.
      BLPOP: { arity: -3, outsideScripts: true, run: ({ keyspace }, args) => popFirst(keyspace, args.slice(0, -1)) },
    };
  }

  #run(digest: string, [countText = '', ...words]: readonly string[]): Reply {
    const count = parseInteger(countText, notAnInteger);
    if (count > words.length) throw new CommandError("ERR Number of keys can't be greater than number of args");
    if (count < 0) throw new CommandError("ERR Number of keys can't be negative");
    return this.#lua.run(digest, words.slice(0, count), words.slice(count), (called) =>
      this.#executeForScript(called),
    );
  }

  #script(subcommand: string, args: readonly string[]): Reply {
    const name = subcommand.toUpperCase();
    if (name === 'LOAD' && args.length === 1) return this.#lua.load(args[0]!);
    if (name === 'EXISTS' && args.length > 0) return args.map((digest) => (this.#lua.has(digest) ? 1 : 0));
    throw new CommandError(`ERR unknown subcommand '${subcommand}'. Try SCRIPT HELP.`);
  }
}

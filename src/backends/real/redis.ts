import { wallClock } from '../../kernel/clock.ts';
import { BackendError, type KeyTracking, type Redis, type RedisReply, type RedisScript } from '../ports.ts';
import {
  DEDICATED_CONNECTIONS,
  DEDICATED_WAIT_MS,
  MAX_WAITING_FOR_DEDICATED,
  refusalOf,
  runScript,
  type SendCommand,
} from '../redis-protocol.ts';
import { Slots } from '../slots.ts';
import { RedisConnection } from './redis-connection.ts';
import { DedicatedConnection } from './redis-dedicated.ts';
import { parseRedisUrl, type RedisEndpoint } from './redis-endpoint.ts';
import { RedisSubscriber } from './redis-subscriber.ts';
import { RedisTracker } from './redis-tracker.ts';

const COMMAND_TIMEOUT_MS = 5_000;

export interface RedisConnectionOptions {
  /** `redis://user:password@host:port/database`, or `rediss:` for TLS. */
  readonly url: string;
  /** Connections that carry `call` and `run`, in turn. Default 1: all commands keep their order. */
  readonly connections?: number;
  /** Connections that `dedicated` lends out at once. They are opened as they are needed. */
  readonly dedicatedConnections?: number;
  /** A server that owes an answer and says nothing for so long is given up. Default 5,000. */
  readonly commandTimeoutMs?: number;
  /** An abort before the connection stands gives it up. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to a Redis server. Throws a usage error for a URL that cannot be read, and a BackendError when the
 * server cannot be reached or refuses. Later a lost connection comes back by itself; until then commands reject
 * at once.
 */
export const openRedis = async (options: RedisConnectionOptions): Promise<Redis> => {
  const { connections = 1, commandTimeoutMs = COMMAND_TIMEOUT_MS, signal } = options;
  const endpoint = parseRedisUrl(options.url);
  const opening = Array.from({ length: connections }, () => RedisConnection.open(endpoint, commandTimeoutMs));
  const outcomes = await untilAborted(Promise.allSettled(opening), signal);
  const opened = outcomes?.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (outcomes !== undefined && opened?.length === connections) {
    return new RealRedis(endpoint, opened, commandTimeoutMs, options.dedicatedConnections);
  }
  for (const connection of opening) connection.then((late) => late.drop()).catch(() => undefined);
  const failed = outcomes?.find((outcome) => outcome.status === 'rejected');
  throw failed?.reason ?? new BackendError('redis', 'none', `connecting to ${endpoint.label} was called off`);
};

/** What `work` gives, or `undefined` as soon as `signal` is aborted. */
const untilAborted = async <T>(work: Promise<T>, signal?: AbortSignal): Promise<T | undefined> => {
  if (signal === undefined) return work;
  let onAbort: () => void = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
};

class RealRedis implements Redis {
  readonly #endpoint: RedisEndpoint;
  readonly #shared: readonly RedisConnection[];
  readonly #timeoutMs: number;
  readonly #slots: Slots;
  /** Every dedicated connection that is open, and those of them that nobody uses. */
  readonly #dedicated = new Set<DedicatedConnection>();
  readonly #idle: DedicatedConnection[] = [];
  readonly #trackers = new Set<RedisTracker>();
  #subscriber: Promise<RedisSubscriber> | undefined;
  #turn = 0;
  #closed = false;

  constructor(
    endpoint: RedisEndpoint,
    shared: readonly RedisConnection[],
    timeoutMs: number,
    dedicatedConnections = DEDICATED_CONNECTIONS,
  ) {
    this.#endpoint = endpoint;
    this.#shared = shared;
    this.#timeoutMs = timeoutMs;
    this.#slots = new Slots('redis', wallClock, {
      size: dedicatedConnections,
      maxWaiting: MAX_WAITING_FOR_DEDICATED,
      waitMs: DEDICATED_WAIT_MS,
    });
  }

  call(command: string, ...args: (string | number)[]): Promise<RedisReply> {
    const name = command.toUpperCase();
    const refusal = refusalOf(name, 'shared');
    return refusal === undefined ? this.#send(name, args, name) : Promise.reject(refusal);
  }

  run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<RedisReply> {
    return runScript(this.#send, script, keys, args);
  }

  async subscribe(channel: string, onMessage: (message: string) => void): Promise<() => Promise<void>> {
    if (this.#closed) throw new BackendError('redis', 'none', 'SUBSCRIBE: the connection is closed');
    this.#subscriber ??= RedisConnection.open(this.#endpoint, this.#timeoutMs).then(
      (connection) => new RedisSubscriber(connection),
    );
    try {
      const subscriber = await this.#subscriber;
      return await subscriber.add(channel, onMessage);
    } catch (error) {
      await this.#forgetFailedSubscriber();
      throw error;
    }
  }

  async track(prefix: string, onChange: (key: string | undefined) => void): Promise<KeyTracking> {
    const connection = await RedisConnection.open(this.#endpoint, this.#timeoutMs);
    const tracker = new RedisTracker(connection, prefix, onChange);
    this.#trackers.add(tracker);
    try {
      if (this.#closed) throw new BackendError('redis', 'none', 'CLIENT TRACKING: the connection is closed');
      await tracker.start();
      return tracker;
    } catch (error) {
      this.#trackers.delete(tracker);
      tracker.stop();
      throw error;
    }
  }

  async dedicated<T>(work: (redis: Pick<Redis, 'call'>) => Promise<T>): Promise<T> {
    await this.#slots.acquire();
    try {
      const idle = this.#idle.pop();
      const connection = idle !== undefined && idle.ready ? idle : await this.#openDedicated(idle);
      try {
        return await work(connection);
      } finally {
        await this.#takeBack(connection);
      }
    } finally {
      this.#slots.release();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#slots.close();
    for (const connection of this.#dedicated) connection.drop();
    for (const tracker of this.#trackers) tracker.stop();
    const subscriber = await this.#subscriber?.catch(() => undefined);
    subscriber?.close();
    await Promise.all(this.#shared.map((connection) => connection.close()));
  }

  readonly #send: SendCommand = (command, words, label, otherwise) => {
    this.#turn = this.#turn + 1 < this.#shared.length ? this.#turn + 1 : 0;
    return this.#shared[this.#turn]!.send(command, words, label, otherwise);
  };

  /** `lost`: an idle one that it takes the place of. */
  async #openDedicated(lost: DedicatedConnection | undefined): Promise<DedicatedConnection> {
    if (lost !== undefined) this.#discard(lost);
    const connection = new DedicatedConnection(await RedisConnection.open(this.#endpoint), this.#timeoutMs);
    if (this.#closed) {
      connection.drop();
      throw new BackendError('redis', 'none', 'the connection is closed');
    }
    this.#dedicated.add(connection);
    return connection;
  }

  async #takeBack(connection: DedicatedConnection): Promise<void> {
    const reusable = await connection.recycle().catch(() => false);
    if (reusable && !this.#closed) this.#idle.push(connection);
    else this.#discard(connection);
  }

  #discard(connection: DedicatedConnection): void {
    this.#dedicated.delete(connection);
    connection.drop();
  }

  /** A connection that never stood is not kept: the next subscriber tries again. */
  async #forgetFailedSubscriber(): Promise<void> {
    const present = this.#subscriber;
    const stands = await present?.then(
      () => true,
      () => false,
    );
    if (stands !== true && this.#subscriber === present) this.#subscriber = undefined;
  }
}

import type { Writable } from 'node:stream';
import { type ChannelModel, connect } from 'amqplib';
import { sleep, wallClock, withDeadline } from '../../kernel/clock.ts';
import { Availability } from '../availability.ts';
import { BackendError } from '../ports.ts';
import { connectError, type Endpoint } from './rabbitmq-endpoint.ts';
import { writeByTurns } from './write-by-turns.ts';

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;
const CLOSE_DEADLINE_MS = 2_000;

/** Exponential back-off with equal jitter (M. Brooker, "Exponential Backoff And Jitter", AWS, 2015). */
const backoffMs = (attempt: number): number => {
  const capMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
  return (capMs * (1 + Math.random())) / 2;
};

export interface LinkOptions {
  readonly endpoint: Endpoint;
  /** Bound of one attempt to connect, `setUp` included. */
  readonly connectTimeoutMs: number;
  /** Makes a new connection ready for use; when it rejects, the attempt has failed. */
  readonly setUp: (model: ChannelModel, link: Link) => Promise<void>;
}

/** One AMQP connection that comes back by itself until it is closed. */
export class Link {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  readonly #connection: Availability<ChannelModel>;
  /** Destroys the socket of the present connection. */
  #socket = new AbortController();
  #recovery = Promise.resolve();

  private constructor(options: LinkOptions) {
    this.#options = options;
    this.#connection = new Availability<ChannelModel>(
      wallClock,
      (reason) => new BackendError('rabbitmq', 'none', `${options.endpoint.label}: ${reason}`),
    );
  }

  /** Connects once: a server that is not there at the start is an error, one that goes away later comes back. */
  static async open(options: LinkOptions, signal?: AbortSignal): Promise<Link> {
    const link = new Link(options);
    await link.#connect(signal);
    return link;
  }

  /** Whether this is the connection in use. */
  isCurrent(model: ChannelModel): boolean {
    return this.#connection.value === model;
  }

  /** The connection, as soon as there is one; rejects with effect `none` when there is none in time. */
  connected(timeoutMs: number): Promise<ChannelModel> {
    return this.#connection.wait(timeoutMs);
  }

  /** Breaks the present connection off, so that a new one is made. */
  reset(): void {
    this.#socket.abort(new Error('the connection was reset'));
  }

  async close(): Promise<void> {
    const model = this.#connection.value;
    this.#connection.close();
    this.#closing.abort(new Error('the connection was closed'));
    try {
      if (model !== undefined) {
        await withDeadline(wallClock, model.close(), CLOSE_DEADLINE_MS, () => new Error('no answer'));
      }
    } catch {
      // The server is gone or does not answer: the socket is destroyed either way.
    }
    this.reset();
    await this.#recovery;
  }

  async #connect(signal?: AbortSignal): Promise<void> {
    const { endpoint, connectTimeoutMs, setUp } = this.#options;
    const socket = new AbortController();
    const stop = AbortSignal.any(
      signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal],
    );
    const onStop = () => socket.abort(stop.reason);
    const cancelDeadline = wallClock.schedule(connectTimeoutMs, () =>
      socket.abort(new Error(`no answer within ${connectTimeoutMs} ms`)),
    );
    stop.addEventListener('abort', onStop, { once: true });
    this.#socket = socket;
    try {
      stop.throwIfAborted();
      const socketOptions = { noDelay: true, keepAlive: true, signal: socket.signal };
      const model = await connect(endpoint.url, socketOptions);
      writeByTurns(socketOf(model));
      const onGone = () => this.#lose(model, socket);
      model.on('error', onGone);
      model.on('close', onGone);
      await setUp(model, this);
      socket.signal.throwIfAborted();
      this.#connection.up(model);
    } catch (error) {
      const reason: unknown = socket.signal.reason;
      socket.abort(error);
      throw connectError(endpoint, reason ?? error);
    } finally {
      stop.removeEventListener('abort', onStop);
      cancelDeadline();
    }
  }

  #lose(model: ChannelModel, socket: AbortController): void {
    socket.abort(new Error('the connection was lost'));
    if (!this.isCurrent(model)) return;
    this.#connection.down();
    this.#recovery = this.#recover();
  }

  async #recover(): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      if ((await sleep(wallClock, backoffMs(attempt), signal)) === 'aborted') return;
      try {
        return await this.#connect();
      } catch {
        // The next attempt follows, later.
      }
    }
  }
}

/** amqplib's types leave it out. */
const socketOf = ({ connection }: ChannelModel): Writable =>
  (connection as unknown as { readonly stream: Writable }).stream;

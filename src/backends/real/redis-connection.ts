import { Command, Redis as Client, type RedisOptions, ReplyError } from 'ioredis';
import { wallClock, withDeadline } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { BackendError, type RedisReply } from '../ports.ts';
import { replyError, type SendCommand, wholeReply } from '../redis-protocol.ts';
import type { RedisEndpoint } from './redis-endpoint.ts';
import { watchSilence } from './redis-silence.ts';
import { FULL_PACKET } from './write-by-turns.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** Beyond the TCP connection: the handshake, and a server that is loading its data. */
const READY_TIMEOUT_MS = 10_000;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 2_000;
const QUIT_TIMEOUT_MS = 1_000;

const CLIENT_OPTIONS: RedisOptions = {
  lazyConnect: true,
  // Plain replies, the same for every command: what the port promises.
  protocol: 2,
  connectTimeout: CONNECT_TIMEOUT_MS,
  disconnectTimeout: QUIT_TIMEOUT_MS,
  retryStrategy: (attempt) => Math.min(RECONNECT_FIRST_MS * 2 ** (attempt - 1), RECONNECT_MAX_MS),
  // A command that cannot be sent now, or whose answer is lost, fails at once: strategies decide on retries.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // The client's own way ends in an unhandled rejection when the connection is lost again meanwhile.
  autoResubscribe: false,
  enableReadyCheck: true,
  enableAutoPipelining: false,
  disableClientInfo: true,
  noDelay: true,
  keepAlive: 10_000,
};

/** One connection that reconnects by itself. Errors never carry the client's own ones: those hold arguments. */
export class RedisConnection {
  readonly client: Client;
  readonly #label: string;
  readonly #endWatch: () => void;
  /** Commands of this turn of the event loop that are not sent yet. */
  #outgoing = '';
  #lastError = '';
  #dropped = false;

  /** `silenceMs`: a connection that owes answers and says nothing for so long is given up; undefined: never. */
  private constructor(endpoint: RedisEndpoint, silenceMs: number | undefined) {
    this.#label = endpoint.label;
    this.client = new Client({ ...CLIENT_OPTIONS, ...endpoint.options, replyMapping: 'legacy' });
    this.client.on('error', (error: Error) => {
      this.#lastError = messageOf(error);
    });
    this.#endWatch = silenceMs === undefined ? () => {} : watchSilence(this.client, silenceMs);
  }

  static async open(endpoint: RedisEndpoint, silenceMs?: number): Promise<RedisConnection> {
    const connection = new RedisConnection(endpoint, silenceMs);
    try {
      const overdue = () => new Error(`not ready within ${READY_TIMEOUT_MS} ms`);
      await withDeadline(wallClock, connection.client.connect(), READY_TIMEOUT_MS, overdue);
      return connection;
    } catch (error) {
      connection.drop();
      const reason = connection.#lastError || messageOf(error);
      throw new BackendError('redis', 'none', `cannot connect to ${endpoint.label}: ${reason}`);
    }
  }

  get ready(): boolean {
    return this.client.status === 'ready' && !this.#dropped;
  }

  send(...[name, words, label, otherwise]: Parameters<SendCommand>): Promise<RedisReply> {
    if (!this.ready) return Promise.reject(this.#lost('none', label));
    const command = new Command(name, words as (string | number)[], { replyEncoding: 'utf8' });
    this.client.sendCommand(command, this.#packet);
    return command.promise.then(
      (reply: RedisReply) => (Array.isArray(reply) ? wholeReply(label, reply) : reply),
      (error: Error) => {
        if (!(error instanceof ReplyError)) throw this.#lost('unknown', label);
        const instead = otherwise?.(error.message);
        if (instead === undefined) throw replyError(label, error.message);
        return instead;
      },
    );
  }

  /** Lets outstanding commands be answered, within a bound, and closes. */
  async close(): Promise<void> {
    if (this.ready) {
      const overdue = () => new Error('QUIT was not answered');
      const farewell = this.send('QUIT', [], 'QUIT');
      this.#dropped = true;
      await withDeadline(wallClock, farewell, QUIT_TIMEOUT_MS, overdue).catch(() => undefined);
    }
    this.drop();
  }

  /** Gives the present connection up for a new one. */
  reconnect(): void {
    this.client.disconnect(true);
  }

  /** Closes at once: outstanding commands reject. */
  drop(): void {
    this.#dropped = true;
    this.#endWatch();
    this.client.disconnect();
  }

  /**
   * Stands in for the socket while the client writes a command: one write to the kernel then takes a packet of
   * commands, full or at the turn's end, where the client alone would make one for each. What does not go through it
   * may overtake them.
   */
  readonly #packet = {
    write: (text: string): boolean => {
      if (this.#outgoing === '') process.nextTick(this.#flush, this.client.stream);
      this.#outgoing += text;
      if (this.#outgoing.length >= FULL_PACKET) this.#flush(this.client.stream);
      return true;
    },
  } as unknown as Client['stream'];

  readonly #flush = (stream: Client['stream']): void => {
    const outgoing = this.#outgoing;
    this.#outgoing = '';
    if (outgoing !== '') stream.write(outgoing);
  };

  #lost(effect: 'none' | 'unknown', label: string): BackendError {
    const what = effect === 'none' ? 'not connected to' : 'lost the connection to';
    const reason = this.#lastError === '' ? '' : ` (${this.#lastError})`;
    return new BackendError('redis', effect, `${label}: ${what} ${this.#label}${reason}`);
  }
}

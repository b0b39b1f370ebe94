import { Socket } from 'node:net';
import { Pool, types, type CustomTypesConfig, type PoolClient } from 'pg';
import { wallClock, withDeadline } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { BackendError } from '../ports.ts';
import { parsePostgresUrl, type PostgresEndpoint } from './postgres-endpoint.ts';
import { writeByTurns } from './write-by-turns.ts';

const LOCK_TIMEOUT_SHARE = 0.5;
/** The server gives up first; the client only when the server is out of reach. */
export const CLIENT_GRACE_MS = 2_000;
const IDLE_TRANSACTION_MS = 60_000;
const KEEPALIVE_AFTER_MS = 10_000;

export interface PoolLimits {
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

const toSafeInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`the bigint ${text} is beyond the safe integers`);
  return value;
};

const typeParsers: CustomTypesConfig = {
  /** Reads bigint as a number, in this pool only. */
  getTypeParser: (id, format): unknown =>
    id === types.builtins.INT8 ? toSafeInteger : types.getTypeParser(id, format),
};

/** Connections to one database: made on demand, watched, and ended within a bound. */
export class ClientPool {
  readonly #pool: Pool;
  readonly #sockets = new Set<Socket>();
  readonly #endpoint: PostgresEndpoint;

  constructor(url: string, limits: PoolLimits) {
    this.#endpoint = parsePostgresUrl(url);
    this.#pool = new Pool({
      connectionString: this.#endpoint.url,
      max: limits.poolSize,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: limits.connectTimeoutMs,
      statement_timeout: limits.statementTimeoutMs,
      lock_timeout: Math.ceil(limits.statementTimeoutMs * LOCK_TIMEOUT_SHARE),
      query_timeout: limits.statementTimeoutMs + CLIENT_GRACE_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
      application_name: 'trade-sim',
      // A request leaves without waiting for the answer to the one before it on its connection, and with it if it can.
      pipeline: true,
      stream: () => {
        const socket = new Socket();
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        return socket;
      },
      types: typeParsers,
    });
    // A connection that dies while idle is replaced by the next request, and one in use fails its request.
    const ignore = () => {};
    this.#pool.on('error', ignore);
    this.#pool.on('connect', (client) => {
      client.on('error', ignore);
      // Not the socket made above: over TLS, another one is written to, which passes it by.
      writeByTurns(client.connection.stream);
    });
  }

  /** A connection, to be given back by its `release`. Rejects with a BackendError without effect. */
  async connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw new BackendError(
        'postgres',
        'none',
        `no connection to ${this.#endpoint.label}: ${messageOf(error)}`,
        error,
      );
    }
  }

  /** Waits up to `graceMs` for the requests in flight, then cuts them off. */
  async end(graceMs: number): Promise<void> {
    const ended = this.#pool.end();
    try {
      await withDeadline(wallClock, ended, graceMs, () => new Error('still busy'));
    } catch {
      for (const socket of this.#sockets) socket.destroy();
    }
  }
}

import type pg from 'pg';
import { wallClock } from '../../kernel/clock.ts';
import {
  BackendError,
  type Postgres,
  type Statement,
  type StatementResult,
  type TableSpec,
} from '../ports.ts';
import { Slots } from '../slots.ts';
import { checkedSchema, isLockTimeout, NOT_HAD } from '../statements.ts';
import { runTransaction } from '../transaction.ts';
import { backendErrorOf, isConnectionLost } from './postgres-errors.ts';
import { CLIENT_GRACE_MS, ClientPool } from './postgres-pool.ts';
import { compileSql, createFences, createIndex, createTable, qualifiedTable } from './sql.ts';

export interface PostgresOptions {
  readonly url: string;
  /** Created by `define`; everything happens in it. */
  readonly schema: string;
  readonly poolSize?: number;
  /** A statement that takes longer is cancelled by the server; it waits for a lock half as long at most. */
  readonly statementTimeoutMs?: number;
  /** For a new connection, and for a free one of the pool. */
  readonly connectTimeoutMs?: number;
  /** Requests that may wait for a free connection. */
  readonly maxWaiting?: number;
  /** Gives up the opening. */
  readonly signal?: AbortSignal;
}

/** They change nothing. */
const READS: ReadonlySet<Statement['kind']> = new Set(['select', 'count', 'advisory-lock']);

/** Statement texts that get a name, and with it a plan, on each connection. */
const MAX_PREPARED = 500;

/** An index over millions of rows takes seconds. */
const INDEX_TIMEOUT_MS = 600_000;

type ColumnTypes = Readonly<Record<string, string>>;

/** One connection, lent for one request or one transaction. */
class Lease {
  readonly #client: pg.PoolClient;
  #lost = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** Sends one request. `commits`: it takes effect by itself, unlike a statement within a transaction. */
  async send(query: string | pg.QueryConfig<unknown[]>, commits: boolean): Promise<pg.QueryResult> {
    if (this.#lost) throw new BackendError('postgres', 'none', 'the connection was lost before this request');
    try {
      return await this.#client.query(query);
    } catch (error) {
      this.#lost ||= isConnectionLost(error);
      throw backendErrorOf(error, commits);
    }
  }

  /** Ends the transaction, if need be by giving up the connection. */
  async rollback(): Promise<void> {
    try {
      await this.send('ROLLBACK', false);
    } catch {
      this.#lost = true;
    }
  }

  giveBack(): void {
    this.#client.release(this.#lost);
  }
}

class RealPostgres implements Postgres {
  readonly #schema: string;
  readonly #pool: ClientPool;
  readonly #slots: Slots;
  readonly #closeGraceMs: number;
  readonly #openApart: (connections: number) => Postgres;
  readonly #apart: Postgres[] = [];
  readonly #preparedNames = new Map<string, string>();
  readonly #columnTypes = new Map<string, ColumnTypes>();
  #closing: Promise<void> | undefined;

  constructor(
    schema: string,
    pool: ClientPool,
    slots: Slots,
    closeGraceMs: number,
    openApart: (connections: number) => Postgres,
  ) {
    this.#schema = schema;
    this.#pool = pool;
    this.#slots = slots;
    this.#closeGraceMs = closeGraceMs;
    this.#openApart = openApart;
  }

  async define(tables: readonly TableSpec[]): Promise<void> {
    const statements = [
      this.#oneDefinesAtATime(),
      `CREATE SCHEMA IF NOT EXISTS "${this.#schema}"`,
      createFences(this.#schema),
      ...tables.map((table) => createTable(this.#schema, table)),
    ];
    await this.#lend((lease) => lease.send(statements.join(';\n'), true));
  }

  async index(table: string, columns: readonly string[]): Promise<void> {
    const statements = [
      `SET LOCAL statement_timeout = ${INDEX_TIMEOUT_MS}`,
      this.#oneDefinesAtATime(),
      createIndex(this.#schema, table, columns),
    ];
    const request = { text: statements.join(';\n'), query_timeout: INDEX_TIMEOUT_MS + CLIENT_GRACE_MS };
    await this.#lend((lease) => lease.send(request, true));
  }

  async query(statement: Statement): Promise<StatementResult> {
    const commits = !READS.has(statement.kind);
    return this.#lend((lease) => this.#execute(lease, statement, commits));
  }

  async transaction<T>(
    work: (query: (statement: Statement) => Promise<StatementResult>) => Promise<T>,
  ): Promise<T> {
    return this.#lend(async (lease) => {
      // The first statement does not wait for its answer: it fails for no reason but a lost connection.
      const begun = lease.send('BEGIN ISOLATION LEVEL READ COMMITTED', false);
      begun.catch(() => {});
      return runTransaction(
        {
          execute: async (statement) => {
            const [result] = await Promise.all([this.#execute(lease, statement, false), begun]);
            return result;
          },
          commit: async () => {
            await begun;
            const { command } = await lease.send('COMMIT', true);
            // The server's answer to the commit of a transaction in which a statement has failed.
            if (command === 'ROLLBACK') {
              throw new BackendError('postgres', 'none', 'rolled back: a statement in it had failed');
            }
          },
          rollback: () => lease.rollback(),
        },
        work,
      );
    });
  }

  /** Creating what another is just creating fails, even with IF NOT EXISTS. */
  #oneDefinesAtATime(): string {
    return `SELECT pg_advisory_xact_lock(hashtextextended('trade-sim:define:${this.#schema}', 0))`;
  }

  async drop(): Promise<void> {
    await this.#lend((lease) => lease.send(`DROP SCHEMA IF EXISTS "${this.#schema}" CASCADE`, true));
    this.#columnTypes.clear();
  }

  apart(connections: number): Postgres {
    const apart = this.#openApart(connections);
    this.#apart.push(apart);
    return apart;
  }

  close(): Promise<void> {
    this.#slots.close();
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    await Promise.all([...this.#apart.map((apart) => apart.close()), this.#pool.end(this.#closeGraceMs)]);
  }

  async #lend<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
    await this.#slots.acquire();
    try {
      const lease = new Lease(await this.#pool.connect());
      try {
        return await work(lease);
      } finally {
        lease.giveBack();
      }
    } finally {
      this.#slots.release();
    }
  }

  async #execute(lease: Lease, statement: Statement, commits: boolean): Promise<StatementResult> {
    const types = statement.kind === 'insert' ? await this.#typesOf(lease, statement.table) : {};
    const { text, values } = compileSql(statement, this.#schema, types);
    const name = this.#preparedName(text);
    try {
      const result = await lease.send(
        { text, values: [...values], ...(name !== undefined && { name }) },
        commits,
      );
      return { rows: result.rows, count: result.rowCount ?? 0 };
    } catch (error) {
      if (statement.kind === 'advisory-lock' && isLockTimeout(error)) return NOT_HAD;
      throw error;
    }
  }

  #preparedName(text: string): string | undefined {
    let name = this.#preparedNames.get(text);
    if (name === undefined && this.#preparedNames.size < MAX_PREPARED) {
      name = `trade_sim_${this.#preparedNames.size}`;
      this.#preparedNames.set(text, name);
    }
    return name;
  }

  /** The SQL types of a table's columns, asked of the server once: whoever inserts need not be who defined it. */
  async #typesOf(lease: Lease, table: string): Promise<ColumnTypes> {
    const known = this.#columnTypes.get(table);
    if (known !== undefined) return known;
    const text =
      'SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute ' +
      'WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped';
    const { rows } = await lease.send({ text, values: [qualifiedTable(this.#schema, table)] }, false);
    const types = Object.fromEntries(rows.map(({ attname, type }) => [attname, type]));
    // None of a table that is not there: the insert will say so, and the next one asks again.
    if (rows.length > 0) this.#columnTypes.set(table, types);
    return types;
  }
}

/** Connects to a server. Rejects with a BackendError that names the address, never the password. */
export const openPostgres = async (options: PostgresOptions): Promise<Postgres> => {
  const { url, poolSize = 8, statementTimeoutMs = 10_000, connectTimeoutMs = 5_000, signal } = options;
  const schema = checkedSchema(options.schema);
  const open = (pool: ClientPool, size: number, closeGraceMs: number): Postgres => {
    const bounds = { size, maxWaiting: options.maxWaiting ?? 10_000, waitMs: connectTimeoutMs };
    const slots = new Slots('postgres', wallClock, bounds);
    return new RealPostgres(schema, pool, slots, closeGraceMs, (connections) =>
      open(poolOf(connections), connections, 0),
    );
  };
  const poolOf = (size: number) =>
    new ClientPool(url, { poolSize: size, statementTimeoutMs, connectTimeoutMs });
  const pool = poolOf(poolSize);
  const postgres = open(pool, poolSize, statementTimeoutMs);
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new BackendError('postgres', 'none', 'the opening was given up'));
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const probe = pool.connect().then((client) => client.release());
    await Promise.race([probe, aborted]);
    return postgres;
  } catch (error) {
    await pool.end(0);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
};

import type { Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import {
  BackendError,
  type Postgres,
  type Statement,
  type StatementResult,
  type TableSpec,
} from '../ports.ts';
import { Slots } from '../slots.ts';
import { checkedSchema, isLockTimeout, NOT_HAD } from '../statements.ts';
import { runTransaction, type TransactionSession } from '../transaction.ts';
import { AdvisoryLocks } from './postgres/advisory-locks.ts';
import { execute } from './postgres/execute.ts';
import { StatementRunner, type Answer } from './postgres/statement-runner.ts';
import { Table } from './postgres/table.ts';
import { Transaction } from './postgres/transaction.ts';
import { noRelation, sqlError } from './postgres/values.ts';
import { Wire } from './postgres/wire.ts';

/** The bounds of the real connection's defaults. */
const POOL_SIZE = 8;
const MAX_WAITING = 10_000;
const POOL_WAIT_MS = 5_000;
const LOCK_TIMEOUT_MS = 5_000;

interface Schema {
  readonly tables: Map<string, Table>;
  readonly advisoryLocks: AdvisoryLocks;
}

/** What a connection shares with all others of its server. */
interface Server {
  readonly clock: Clock;
  readonly random: Random;
  readonly wire: Wire;
  readonly runner: StatementRunner;
  /** Creates the schema's entry when there is none. */
  schema(name: string): Schema;
  dropSchema(name: string): void;
}

class SimulatedPostgres implements Postgres {
  readonly #server: Server;
  readonly #schema: string;
  readonly #slots: Slots;
  readonly #apart: SimulatedPostgres[] = [];
  readonly #transactions = new Set<Transaction>();
  #isCutOff = false;

  constructor(server: Server, schema: string, slots: Slots) {
    this.#server = server;
    this.#schema = schema;
    this.#slots = slots;
  }

  define(specs: readonly TableSpec[]): Promise<void> {
    return this.#lend(() =>
      this.#request<void>((answer) => {
        const { tables, advisoryLocks } = this.#server.schema(this.#schema);
        advisoryLocks.defineFences();
        for (const spec of specs) if (!tables.has(spec.name)) tables.set(spec.name, new Table(spec));
        answer.resolve();
      }),
    );
  }

  query(statement: Statement): Promise<StatementResult> {
    return this.#lend(() =>
      this.#request<StatementResult>((answer) => {
        const transaction = new Transaction();
        this.#run(transaction, statement, {
          resolve: (result) => {
            this.#server.runner.end(transaction, 'committed');
            answer.resolve(result);
          },
          reject: answer.reject,
        });
      }),
    );
  }

  transaction<T>(
    work: (query: (statement: Statement) => Promise<StatementResult>) => Promise<T>,
  ): Promise<T> {
    return this.#lend(async () => {
      const transaction = await this.#request<Transaction>((answer) => answer.resolve(new Transaction()));
      this.#transactions.add(transaction);
      try {
        return await runTransaction(this.#session(transaction), work);
      } finally {
        this.#transactions.delete(transaction);
      }
    });
  }

  /** Every table is in memory, and is read through and sorted. */
  index(name: string): Promise<void> {
    return this.#lend(() =>
      this.#request<void>((answer) => {
        if (this.#server.schema(this.#schema).tables.has(name)) answer.resolve();
        else answer.reject(noRelation(name));
      }),
    );
  }

  drop(): Promise<void> {
    return this.#lend(() =>
      this.#request<void>((answer) => {
        this.#server.dropSchema(this.#schema);
        answer.resolve();
      }),
    );
  }

  apart(connections: number): Postgres {
    const apart = new SimulatedPostgres(this.#server, this.#schema, slotsOf(this.#server.clock, connections));
    this.#apart.push(apart);
    return apart;
  }

  close(): Promise<void> {
    this.#slots.close();
    for (const apart of this.#apart) apart.#cutOff();
    return Promise.resolve();
  }

  /** Closes as a client does that is gone: what it has open is rolled back. */
  #cutOff(): void {
    this.#isCutOff = true;
    this.#slots.close();
    const { wire, runner } = this.#server;
    wire.request(() => {
      for (const transaction of this.#transactions) runner.cutOff(transaction, closedError());
    });
  }

  #session(transaction: Transaction): TransactionSession {
    const { runner } = this.#server;
    return {
      execute: (statement) =>
        this.#request<StatementResult>((answer) => {
          if (transaction.isOpen) this.#run(transaction, statement, answer);
          else answer.reject(sqlError('25P02', 'current transaction is aborted'));
        }),
      commit: () =>
        this.#request<void>((answer) => {
          if (transaction.isOpen) {
            runner.end(transaction, 'committed');
            answer.resolve();
          } else {
            const message = 'rolled back: a statement in it had failed';
            answer.reject(new BackendError('postgres', 'none', message));
          }
        }),
      rollback: () =>
        this.#request<void>((answer) => {
          if (transaction.isOpen) runner.end(transaction, 'rolled-back');
          answer.resolve();
        }).catch(() => {}),
    };
  }

  #run(transaction: Transaction, statement: Statement, answer: Answer<StatementResult>): void {
    const { random, runner } = this.#server;
    const { tables, advisoryLocks } = this.#server.schema(this.#schema);
    const steps = execute({ transaction, tables, advisoryLocks, random }, statement);
    runner.run(transaction, steps, statement.kind === 'advisory-lock' ? unlessNotHad(answer) : answer);
  }

  async #lend<T>(work: () => Promise<T>): Promise<T> {
    await this.#slots.acquire();
    try {
      return await work();
    } finally {
      this.#slots.release();
    }
  }

  #request<T>(onArrival: (answer: Answer<T>) => void): Promise<T> {
    const { wire } = this.#server;
    return new Promise((resolve, reject) => {
      wire.request(() =>
        onArrival({
          resolve: (value) => wire.answer(() => (this.#isCutOff ? reject(closedError()) : resolve(value))),
          reject: (error) => wire.answer(() => reject(error)),
        }),
      );
    });
  }
}

const closedError = () => new BackendError('postgres', 'none', 'the connection was closed');

const unlessNotHad = ({ resolve, reject }: Answer<StatementResult>): Answer<StatementResult> => ({
  resolve,
  reject: (error) => (isLockTimeout(error) ? resolve(NOT_HAD) : reject(error)),
});

const slotsOf = (clock: Clock, size: number): Slots =>
  new Slots('postgres', clock, { size, maxWaiting: MAX_WAITING, waitMs: POOL_WAIT_MS });

/**
 * PostgreSQL in memory: READ COMMITTED with row locks, unique constraints and advisory locks, on an injected
 * clock. Held to the real server by the same contract suite.
 */
export class SimulatedPostgresServer {
  readonly #server: Server;

  /** `latency` gives milliseconds, for each direction of each request anew. */
  constructor(options: { readonly clock: Clock; readonly random: Random; readonly latency?: () => number }) {
    const { clock, random, latency } = options;
    const schemas = new Map<string, Schema>();
    this.#server = {
      clock,
      random,
      wire: new Wire(clock, latency),
      runner: new StatementRunner(clock, LOCK_TIMEOUT_MS),
      schema(name) {
        let schema = schemas.get(name);
        if (schema === undefined) {
          schema = { tables: new Map(), advisoryLocks: new AdvisoryLocks() };
          schemas.set(name, schema);
        }
        return schema;
      },
      dropSchema: (name) => schemas.delete(name),
    };
  }

  connect(options: { readonly schema: string; readonly poolSize?: number }): Postgres {
    const slots = slotsOf(this.#server.clock, options.poolSize ?? POOL_SIZE);
    return new SimulatedPostgres(this.#server, checkedSchema(options.schema), slots);
  }
}

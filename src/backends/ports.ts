/**
 * The resources that strategies are written against. Each port has one implementation over a real server
 * (`real/`) and one in memory (`simulated/`); both pass the same contract suite.
 */

export type ServiceName = 'redis' | 'rabbitmq' | 'postgres';

/**
 * A resource did not do what it was asked. `effect` is what is known of the request: `none`, it had no effect
 * (refused, or never sent); `unknown`, it may have been executed and only the answer was lost.
 */
export class BackendError extends Error {
  readonly service: ServiceName;
  readonly effect: 'none' | 'unknown';

  constructor(service: ServiceName, effect: 'none' | 'unknown', message: string, cause?: unknown) {
    super(`${service}: ${message}`, cause === undefined ? undefined : { cause });
    this.name = 'BackendError';
    this.service = service;
    this.effect = effect;
  }
}

// ---------------------------------------------------------------------------------------------- Redis

export type RedisReply = string | number | null | RedisReply[];

/** A Lua script, sent by its digest. `name` is for messages; the text is what runs, in both worlds. */
export interface RedisScript {
  readonly name: string;
  readonly lua: string;
}

/** What a client hears of changes to keys. */
export interface KeyTracking {
  /** Whether changes are heard of now. While they are not, a copy of a value may be old. */
  readonly active: boolean;
  /** No further calls. */
  stop(): void;
}

export interface Redis {
  /** One command. Commands of one turn of the event loop leave together, in few packets. Rejects with a BackendError. */
  call(command: string, ...args: (string | number)[]): Promise<RedisReply>;
  /** One script, atomically. */
  run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<RedisReply>;
  /** Messages of one channel, until the returned function is called. */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<() => Promise<void>>;
  /**
   * Tells of every change to a key that begins with `prefix`, whoever made it, its expiry included (CLIENT TRACKING,
   * broadcasting mode). `undefined`: any of them may have changed, as tracking has begun, was lost or begins again.
   */
  track(prefix: string, onChange: (key: string | undefined) => void): Promise<KeyTracking>;
  /** Lends a connection of its own to `work`, for WATCH and for blocking commands. Bounded: may wait for one. */
  dedicated<T>(work: (redis: Pick<Redis, 'call'>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

// ------------------------------------------------------------------------------------------- RabbitMQ

export interface QueueSpec {
  readonly name: string;
  readonly type: 'classic' | 'quorum';
  /** Survives a restart of the broker. */
  readonly durable: boolean;
  /** The broker removes the queue after this long without consumers: what a killed run leaves goes by itself. */
  readonly expiresMs?: number;
  /** The broker removes a classic queue with its last consumer. */
  readonly autoDelete?: boolean;
  /** Ready messages at most: more are refused. */
  readonly maxLength?: number;
  /** Messages older than this are dead-lettered. */
  readonly messageTtlMs?: number;
  /** Where rejected and expired messages go, through the default exchange. */
  readonly deadLetterQueue?: string;
  /** Deliveries of one message before it is dead-lettered (quorum queues). */
  readonly deliveryLimit?: number;
  readonly singleActiveConsumer?: boolean;
}

export interface Topology {
  readonly exchanges: readonly { readonly name: string; readonly type: 'direct' | 'topic' | 'fanout' }[];
  readonly queues: readonly QueueSpec[];
  readonly bindings: readonly {
    readonly queue: string;
    readonly exchange: string;
    readonly pattern: string;
  }[];
}

export interface OutgoingMessage {
  /** '' is the default exchange: the routing key names the queue. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: string;
  readonly persistent: boolean;
  /** false: fire and forget, the answer is `sent` as soon as the connection took it. */
  readonly confirm: boolean;
}

export type PublishOutcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'sent' }
  /** No queue was bound for it: the broker confirms such a message and drops it. */
  | { readonly kind: 'unroutable' }
  | { readonly kind: 'refused' };

export interface Delivery {
  readonly body: string;
  readonly redelivered: boolean;
  /** Opaque: names the delivery to its consumer. */
  readonly tag: number;
}

export interface ConsumeOptions {
  /** Bounds the unanswered deliveries. */
  readonly prefetch: number;
  /**
   * It never answers with `upTo`, and shares a channel with others of the client that do not: many cost much less so.
   * Not to be cancelled while it is the single active consumer of its queue: RabbitMQ up to 3.11 loses the queue then.
   */
  readonly answersOneByOne?: boolean;
}

export interface Consumer {
  /** Nothing is delivered any more: it was cancelled, or the broker has ended it with its queue. */
  readonly ended: boolean;
  /**
   * `upTo`: this delivery and every earlier one. An answer to a connection that has gone is dropped, as the queue has
   * its messages again: `false`.
   */
  ack(delivery: Delivery, upTo: boolean): boolean;
  reject(delivery: Delivery, requeue: boolean): void;
  /** No further deliveries. What is unanswered goes back to the queue. */
  cancel(): Promise<void>;
}

export interface Broker {
  /** Idempotent. Declared again by itself after a lost connection. */
  declare(topology: Topology): Promise<void>;
  /** Resolves with the broker's answer. Rejects with a BackendError; after a lost connection its effect is unknown. */
  publish(message: OutgoingMessage): Promise<PublishOutcome>;
  /** Resumes by itself after a lost connection. */
  consume(
    queue: string,
    options: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Consumer>;
  /** Messages ready in the queue (unanswered deliveries do not count). */
  depth(queue: string): Promise<number>;
  /** Deletes queues and exchanges of these names, where they exist. */
  remove(topology: {
    readonly exchanges: readonly string[];
    readonly queues: readonly string[];
  }): Promise<void>;
  close(): Promise<void>;
}

// ------------------------------------------------------------------------------------------ PostgreSQL

export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, SqlValue>>;
export type ColumnType = 'bigserial' | 'bigint' | 'integer' | 'double' | 'text';

export interface TableSpec {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly primaryKey: readonly string[];
  readonly unique?: readonly (readonly string[])[];
}

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
/** All of them must hold. `['sku', 'in', [1, 2]]` matches any of a list. */
export type Where = readonly (
  | readonly [column: string, comparison: Comparison, value: SqlValue]
  | readonly [column: string, comparison: 'in', values: readonly SqlValue[]]
)[];

/** One SQL statement as data: compiled to parameterised SQL in the real world, executed on rows in the simulated one. */
export type Statement =
  | {
      readonly kind: 'insert';
      readonly table: string;
      /** Column-wise: every array has one value per row. */
      readonly columns: Readonly<Record<string, readonly SqlValue[]>>;
      /** Rows that would break a unique constraint: left out one by one, or the whole statement fails. */
      readonly onConflict: 'ignore' | 'fail';
      readonly returning?: readonly string[];
    }
  | {
      readonly kind: 'select';
      readonly table: string;
      readonly columns: readonly string[];
      readonly where: Where;
      readonly orderBy?: readonly string[];
      readonly limit?: number;
      /** Row locks, held to the end of the transaction. */
      readonly lock?: 'update' | 'update-skip-locked';
    }
  /** Gives a row with `rows`, how many there are: none of them travels. */
  | { readonly kind: 'count'; readonly table: string; readonly where: Where }
  | {
      readonly kind: 'update';
      readonly table: string;
      /** A new value, or `{ add }` to the present one. */
      readonly set: Readonly<Record<string, SqlValue | { readonly add: number }>>;
      readonly where: Where;
      readonly returning?: readonly string[];
    }
  | { readonly kind: 'delete'; readonly table: string; readonly where: Where }
  /**
   * Locks on names, taken in this order and held to the end of the transaction (`pg_advisory_xact_lock`); each is
   * waited for up to `waitMs`. Gives a row with a `fence`, a number above those of all earlier holders, once all are
   * had, from a sequence that `define` makes; or no row, and then all that can be done with the transaction is to roll
   * it back.
   */
  | { readonly kind: 'advisory-lock'; readonly keys: readonly string[]; readonly waitMs: number };

export interface StatementResult {
  /** Of a select, or of `returning`. */
  readonly rows: readonly Row[];
  /** Rows inserted, updated, deleted or selected. */
  readonly count: number;
}

/** One schema of a database, at READ COMMITTED. */
export interface Postgres {
  /** Creates the schema and its tables; idempotent. */
  define(tables: readonly TableSpec[]): Promise<void>;
  /** One statement in a transaction of its own. Rejects with a BackendError. */
  query(statement: Statement): Promise<StatementResult>;
  /** Commits when `work` resolves; rolls back when it rejects, and rejects alike. */
  transaction<T>(work: (query: (statement: Statement) => Promise<StatementResult>) => Promise<T>): Promise<T>;
  /** Makes reading a table in the order of these columns fast; idempotent. Bounded by minutes: it may read all of it. */
  index(table: string, columns: readonly string[]): Promise<void>;
  /** Drops the schema and all in it. */
  drop(): Promise<void>;
  /**
   * The same schema over so many further connections at most, opened as they are needed: for transactions that stay
   * open for long, which would starve the others. Closed with this one; what is open then is rolled back at once.
   */
  apart(connections: number): Postgres;
  close(): Promise<void>;
}

export interface Backends {
  readonly redis: Redis;
  readonly broker: Broker;
  readonly postgres: Postgres;
  /** Redis servers that know nothing of each other nor of `redis`: as many as the lock wants, usually none. */
  readonly lockMasters: readonly Redis[];
}

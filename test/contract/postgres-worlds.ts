import { inject } from 'vitest';
import { BackendError, type Postgres, type TableSpec } from '../../src/backends/ports.ts';
import { openPostgres } from '../../src/backends/real/postgres.ts';
import { SimulatedPostgresServer } from '../../src/backends/simulated/postgres.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';

/** One PostgreSQL, real or simulated, and the schemas that a test opened in it. */
export interface World {
  /** A pool of connections to a schema: a new one, unless it is named. */
  open(options?: { readonly schema?: string; readonly poolSize?: number }): Promise<Postgres>;
  /** Drops the schemas and closes the connections. */
  close(): Promise<void>;
}

/** A schema that no other test and no other run has. */
export const uniqueSchema = (): string => `trade_sim_test_${Math.random().toString(36).slice(2)}`;

const worldOf = (connect: (schema: string, poolSize: number) => Promise<Postgres>): World => {
  const opened: Postgres[] = [];
  return {
    async open({ schema = uniqueSchema(), poolSize = 4 } = {}) {
      const postgres = await connect(schema, poolSize);
      opened.push(postgres);
      return postgres;
    },
    async close() {
      for (const postgres of opened) await postgres.drop().catch(() => {});
      await Promise.all(opened.map((postgres) => postgres.close()));
    },
  };
};

const simulatedWorld = (latency?: () => number): World => {
  const random = new SeededRandom(1);
  const server = new SimulatedPostgresServer({ clock: wallClock, random, ...(latency && { latency }) });
  return worldOf((schema, poolSize) => Promise.resolve(server.connect({ schema, poolSize })));
};

export const realWorld = (): World =>
  worldOf((schema, poolSize) => openPostgres({ url: inject('services').postgres, schema, poolSize }));

export const WORLDS: readonly { readonly world: string; readonly enter: () => World }[] = [
  { world: 'real', enter: realWorld },
  { world: 'simulated', enter: () => simulatedWorld() },
  { world: 'simulated with latency', enter: () => simulatedWorld(() => 1) },
];

/** Counters by id: what most tests change. */
export const COUNTERS: TableSpec = {
  name: 'counters',
  columns: { id: 'integer', n: 'integer', note: 'text' },
  primaryKey: ['id'],
};

/** Entries that number themselves, each unique by two columns. */
const ENTRIES: TableSpec = {
  name: 'entries',
  columns: { seq: 'bigserial', owner: 'bigint', part: 'integer' },
  primaryKey: ['seq'],
  unique: [['owner', 'part']],
};

/** The tables above, with counters 1, 2 and 3 at `n`. */
export const withCounters = async (postgres: Postgres, n: number): Promise<Postgres> => {
  await postgres.define([COUNTERS, ENTRIES]);
  await postgres.query({
    kind: 'insert',
    table: 'counters',
    columns: { id: [1, 2, 3], n: [n, n, n] },
    onConflict: 'fail',
  });
  return postgres;
};

export const counterOf = async (postgres: Pick<Postgres, 'query'>, id: number): Promise<unknown> => {
  const { rows } = await postgres.query({
    kind: 'select',
    table: 'counters',
    columns: ['n'],
    where: [['id', '=', id]],
  });
  return rows[0]?.['n'];
};

/** How a promise that should reject with a BackendError did: `none 23505`, `unknown …`. */
export const refusalOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof BackendError) return `${error.effect} ${error.message.replace(/^postgres: /, '')}`;
    throw error;
  }
  return 'resolved';
};

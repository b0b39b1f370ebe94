import { createServer, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Postgres, Statement } from '../../src/backends/ports.ts';
import { openPostgres, type PostgresOptions } from '../../src/backends/real/postgres.ts';
import { counterOf, refusalOf, uniqueSchema, withCounters } from './postgres-worlds.ts';
import { openRelay, type Relay } from './relay.ts';

const SECRET = 'hunter2-secret';

const update = (id: number): Statement => ({
  kind: 'update',
  table: 'counters',
  set: { n: { add: 1 } },
  where: [['id', '=', id]],
});

describe('connecting to PostgreSQL', () => {
  const withPassword = (change: (url: URL) => void): string => {
    const url = new URL(inject('services').postgres);
    change(url);
    return url.href;
  };
  const opening = (url: string, rest: Partial<PostgresOptions> = {}) =>
    refusalOf(openPostgres({ url, schema: uniqueSchema(), ...rest }));

  test('a port where nobody listens', async () => {
    const { relay, url } = await openRelay(inject('services').postgres);
    await relay.close();
    const refusal = await opening(
      withPassword((given) => {
        given.port = new URL(url).port;
        given.password = SECRET;
      }),
    );
    expect(refusal).toMatch(/^none no connection to .*ECONNREFUSED/);
    expect(refusal).not.toContain(SECRET);
  });

  test('a database that is not there', async () => {
    const refusal = await opening(
      withPassword((url) => {
        url.pathname = '/nowhere';
      }),
    );
    expect(refusal).toMatch(/^none no connection to .*nowhere/);
  });

  test('a user who is not there', async () => {
    const refusal = await opening(
      withPassword((url) => {
        url.username = 'nobody_at_all';
        url.password = SECRET;
      }),
    );
    expect(refusal).toMatch(/^none no connection to .*nobody_at_all/);
    expect(refusal).not.toContain(SECRET);
  });

  test('a server without TLS, asked for it', async () => {
    expect(await opening(withPassword((url) => url.searchParams.set('sslmode', 'require')))).toMatch(
      /^none .*SSL/,
    );
  });

  test('a server that says nothing', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const url = `postgres://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    expect(await opening(url, { connectTimeoutMs: 100 })).toMatch(/^none .*timeout/);
    const abort = new AbortController();
    const given = opening(url, { connectTimeoutMs: 500, signal: abort.signal });
    abort.abort();
    expect(await given).toMatch(/^none .*given up/);
    silent.close();
  });

  test('a URL that is none is refused without repeating it', async () => {
    const attempt = openPostgres({ url: `mysql://root:${SECRET}@localhost/`, schema: uniqueSchema() });
    await expect(attempt).rejects.toThrow('the PostgreSQL URL cannot be read');
    await expect(attempt).rejects.not.toThrow(SECRET);
  });
});

describe('a connection to PostgreSQL that is lost', () => {
  let relay: Relay;
  let url: string;
  let postgres: Postgres;
  let direct: Postgres;
  let schema: string;

  beforeEach(async () => {
    ({ relay, url } = await openRelay(inject('services').postgres));
    schema = uniqueSchema();
    postgres = await withCounters(await openPostgres({ url, schema }), 0);
    direct = await openPostgres({ url: inject('services').postgres, schema });
  });
  afterEach(async () => {
    // A session that the client has left keeps its locks until the server sees it.
    relay.cut();
    await direct.drop();
    await Promise.all([direct.close(), postgres.close()]);
    await relay.close();
  });

  /** Holds a row through another connection, and gives what `attempt` says when its own is cut while it waits. */
  const whileWaiting = (attempt: () => Promise<string>): Promise<string> =>
    direct.transaction(async (query) => {
      await query(update(1));
      const outcome = attempt();
      await lockWaiter(schema);
      relay.cut();
      return outcome;
    });

  test('a statement by itself may have had its effect', async () => {
    const outcome = await whileWaiting(() => refusalOf(postgres.query(update(1))));
    expect(outcome).toMatch(/^unknown /);
  });

  test('a read had none', async () => {
    const read: Statement = {
      kind: 'select',
      table: 'counters',
      columns: ['n'],
      where: [['id', '=', 1]],
      lock: 'update',
    };
    expect(await whileWaiting(() => refusalOf(postgres.query(read)))).toMatch(/^none /);
  });

  test('a statement of a transaction had none', async () => {
    const outcome = await whileWaiting(() =>
      refusalOf(
        postgres.transaction(async (query) => {
          await query(update(2));
          await query(update(1));
        }),
      ),
    );
    expect(outcome).toMatch(/^none /);
    expect(await counterOf(direct, 2)).toBe(0);
  });

  test('a commit that was never sent had none', async () => {
    const outcome = await refusalOf(
      postgres.transaction(async (query) => {
        await query(update(1));
        relay.cut();
        await refusalOf(query(update(2)));
      }),
    );
    expect(outcome).toMatch(/^none /);
    expect(await counterOf(direct, 1)).toBe(0);
  });

  test('a commit whose answer does not come may have been one', async () => {
    await postgres.close();
    postgres = await openPostgres({ url, schema, statementTimeoutMs: 100 });
    const outcome = await refusalOf(
      postgres.transaction(async (query) => {
        await query(update(1));
        relay.freeze();
      }),
    );
    expect(outcome).toMatch(/^unknown .*timeout/);
  });

  test('is replaced by the next request', async () => {
    await refusalOf(
      postgres.transaction(async (query) => {
        await query(update(1));
        relay.cut();
        await query(update(1));
      }),
    );
    await Promise.all([1, 2, 3].map((id) => postgres.query(update(id))));
    expect(await counterOf(postgres, 1)).toBe(1);
  });

  test('a server that ends the session may have committed', async () => {
    const outcome = await direct.transaction(async (query) => {
      await query(update(1));
      const attempt = refusalOf(postgres.query(update(1)));
      await terminate(await lockWaiter(schema));
      return attempt;
    });
    expect(outcome).toMatch(/^unknown 57P01/);
  });

  test('a statement that takes too long is cancelled, and its connection stays in use', async () => {
    const hasty = await openPostgres({ url, schema, statementTimeoutMs: 100, poolSize: 1 });
    const outcome = await direct.transaction(async (query) => {
      await query(update(1));
      return refusalOf(hasty.query(update(1)));
    });
    expect(outcome).toMatch(/^none 55P03/);
    expect(await counterOf(hasty, 1)).toBe(1);
    await hasty.close();
  });

  test('a number too large for JavaScript fails its transaction', async () => {
    const entry = (owner: number): Statement => ({
      kind: 'insert',
      table: 'entries',
      columns: { owner: [owner], part: [1] },
      onConflict: 'fail',
    });
    await postgres.query(entry(Number.MAX_SAFE_INTEGER));
    const grow: Statement = {
      kind: 'update',
      table: 'entries',
      set: { owner: { add: 1 } },
      where: [],
      returning: ['owner'],
    };
    const outcome = await refusalOf(
      postgres.transaction(async (query) => {
        expect(await refusalOf(query(grow))).toMatch(/^none .*beyond the safe integers/);
      }),
    );
    expect(outcome).toMatch(/^none /);
    expect((await postgres.query({ ...grow, set: { owner: { add: 0 } } })).rows).toEqual([
      { owner: Number.MAX_SAFE_INTEGER },
    ]);
  });

  test('more requests than may wait are refused at once', async () => {
    const narrow = await openPostgres({ url, schema, poolSize: 1, maxWaiting: 1, connectTimeoutMs: 50 });
    const outcomes = await narrow.transaction(async (query) => {
      await query(update(1));
      return Promise.all([refusalOf(narrow.query(update(2))), refusalOf(narrow.query(update(2)))]);
    });
    expect(outcomes[0]).toMatch(/^none .*within 50 ms/);
    expect(outcomes[1]).toMatch(/^none 1 requests wait/);
    await narrow.close();
  });
});

test('an index is one on the server, by the columns it was asked for', async () => {
  const schema = uniqueSchema();
  const postgres = await withCounters(await openPostgres({ url: inject('services').postgres, schema }), 0);
  try {
    await postgres.index('entries', ['seq', 'owner']);
    const [index] = await ask('SELECT indexdef FROM pg_indexes WHERE schemaname = $1 AND indexname = $2', [
      schema,
      'entries_seq_owner',
    ]);
    expect(index?.['indexdef']).toMatch(/USING btree \(seq, owner\)$/);
  } finally {
    await postgres.drop();
    await postgres.close();
  }
});

/** Asks the server, in so many words, something that the port has no word for. */
const ask = async (text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]> => {
  const client = new Client({ connectionString: inject('services').postgres });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
};

/** The process on the server that waits for a lock in the schema, as soon as there is one. */
const lockWaiter = async (schema: string): Promise<number> => {
  const text = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`;
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const [row] = await ask(text, [schema]);
    if (row !== undefined) return row['pid'] as number;
  }
  throw new Error('nobody waits for a lock');
};

const terminate = (pid: number) => ask('SELECT pg_terminate_backend($1)', [pid]);

import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ServiceName, Statement } from '../../src/backends/ports.ts';
import { openPostgres } from '../../src/backends/real/postgres.ts';
import { probe } from '../../src/services/probe.ts';
import { SERVICE_NAMES } from '../../src/services/types.ts';
import { counterOf, refusalOf, uniqueSchema, withCounters } from '../contract/postgres-worlds.ts';
import { openRelay } from '../contract/relay.ts';
import { makeCertificates } from '../support/certificates.ts';
import { servers, type PrivateServers } from './private-servers.ts';
import { expectRefusal } from './refusals.ts';
import { startTlsServers } from './tls-servers.ts';
import { Home, resultOf, verdictsOf } from './trade-sim.ts';

const home = new Home();
const certificates = makeCertificates(home.folder, 'localhost');
const TRUSTED = { NODE_EXTRA_CA_CERTS: certificates.authority };

let given: Awaited<ReturnType<typeof startTlsServers>>;
/** By the name that the certificate is for; the addresses of `given.urls` it is not for. */
let named: PrivateServers['urls'];
let witness: Client;

const changed = (text: string, change: (url: URL) => void): string => {
  const url = new URL(text);
  change(url);
  return url.href;
};

const postgresWith = (sslmode: string, sslrootcert?: string): string =>
  changed(given.urls.postgres, ({ searchParams }) => {
    searchParams.set('sslmode', sslmode);
    if (sslrootcert !== undefined) searchParams.set('sslrootcert', sslrootcert);
  });

beforeAll(async () => {
  given = await startTlsServers(certificates);
  const byName = (service: ServiceName) =>
    changed(given.urls[service], (url) => {
      url.hostname = 'localhost';
    });
  named = { redis: byName('redis'), rabbitmq: byName('rabbitmq'), postgres: byName('postgres') };
  witness = new Client({ connectionString: `${named.postgres}&sslrootcert=${certificates.authority}` });
  await witness.connect();
});

afterAll(async () => {
  home.remove();
  await witness.end();
  await given.stop();
});

test('a run passes when the authority is trusted', async () => {
  const flags = ['--cache', 'near', '--duration', '1s', '--warmup', '0s', '--json'];
  const ended = await home.run(['run', 'flash-sale', ...flags, ...servers(named)], TRUSTED);
  expect(ended.exitCode, ended.stderr).toBe(0);
  expect(ended.stderr).not.toContain('Warning');
  const result = resultOf(ended);
  expect(result.run.services).toMatchObject({
    redis: { origin: 'given' },
    rabbitmq: { origin: 'given' },
    postgres: { origin: 'given' },
  });
  expect(result.orders.accepted).toBe(60);
  expect(new Set(Object.values(verdictsOf(result)))).toEqual(new Set(['held']));
});

describe.each(SERVICE_NAMES)('%s', (service) => {
  test('an authority that nobody trusts', () =>
    expectRefusal(home, { [service]: named[service] }, /from an authority that is not trusted here$/));

  test('a host that the certificate is not for', () =>
    expectRefusal(home, { [service]: given.urls[service] }, /has a certificate for another host$/, TRUSTED));

  test('there is no way without TLS', async () => {
    const refusal = service === 'postgres' ? 'lets nobody in without TLS' : 'nothing listens there';
    await expect(probe(service, given.plain[service])).rejects.toThrow(refusal);
  });
});

test.each(['redis', 'rabbitmq'] as const)('the port for TLS of %s, spoken to without', async (service) => {
  const url = given.urls[service].replace(/^(\w+)s:/, '$1:');
  await expect(probe(service, url)).rejects.toThrow('closed the connection at once');
});

test('a Redis that asks for a certificate of the client, as it does by default', async () => {
  const redis = new Redis(named.redis, { tls: { ca: readFileSync(certificates.authority) } });
  await redis.config('SET', 'tls-auth-clients', 'yes');
  try {
    // It closes the connection right after it has said so, which may overtake its words.
    const complaint = /(?:asks for a certificate of the client|closed the connection at once)$/;
    await expectRefusal(home, { redis: named.redis }, complaint, TRUSTED);
  } finally {
    await redis.config('SET', 'tls-auth-clients', 'no');
    redis.disconnect();
  }
});

describe('sslmode means what it means to PostgreSQL', () => {
  test.each([
    ['require', () => undefined],
    ['verify-ca', () => certificates.authority],
  ])('%s takes any host', async (sslmode, authority) => {
    const url = postgresWith(sslmode, authority());
    await expect(probe('postgres', url)).resolves.toMatch(/^\d/);
    const postgres = await openPostgres({ url, schema: uniqueSchema() });
    const sessions = await witness.query(
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'trade-sim'",
    );
    await postgres.close();
    expect(sessions.rows).toEqual([{ ssl: true }]);
  });

  test.each([
    ['verify-full', () => certificates.authority, 'has a certificate for another host'],
    ['verify-ca', () => certificates.certificate, 'not trusted here'],
    ['verify-ca', () => undefined, 'without sslrootcert'],
    ['disable', () => undefined, 'lets nobody in without TLS'],
  ])('%s refuses', async (sslmode, authority, complaint) => {
    await expect(probe('postgres', postgresWith(sslmode, authority()))).rejects.toThrow(complaint);
  });
});

describe('a pool over TLS', () => {
  const update = (id: number): Statement => ({
    kind: 'update',
    table: 'counters',
    set: { n: { add: 1 } },
    where: [['id', '=', id]],
  });

  /** TLS records (RFC 8446, section 5.1): two bytes of length behind a type and a version. */
  const recordsIn = (bytes: Buffer): number => {
    let count = 0;
    for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) count += 1;
    return count;
  };

  test('sends the requests of one turn as one record', async () => {
    const { relay, url } = await openRelay(postgresWith('verify-ca', certificates.authority));
    const opened = await openPostgres({ url, schema: uniqueSchema(), poolSize: 1 });
    const postgres = await withCounters(opened, 0);
    const sent: Buffer[] = [];
    relay.hear((bytes) => sent.push(bytes));
    await postgres.transaction((query) => query(update(1)));
    const records = recordsIn(Buffer.concat(sent));
    await postgres.drop();
    await postgres.close();
    await relay.close();
    expect(records, 'BEGIN with the update, then COMMIT').toBe(2);
  });

  test('closes under an open transaction, whose session ends', async () => {
    const schema = uniqueSchema();
    const url = postgresWith('verify-ca', certificates.authority);
    const postgres = await openPostgres({ url, schema, statementTimeoutMs: 100 });
    await withCounters(postgres, 0);
    const outcome = await refusalOf(
      postgres.transaction(async (query) => {
        await query(update(1));
        await postgres.close();
        await query(update(2));
      }),
    );
    expect(outcome).toMatch(/^none /);
    await vi.waitFor(async () => {
      const { rows } = await witness.query(
        "SELECT state FROM pg_stat_activity WHERE application_name = 'trade-sim'",
      );
      expect(rows).toEqual([]);
    });
    const after = await openPostgres({ url, schema });
    expect(await counterOf(after, 1)).toBe(0);
    await after.drop();
    await after.close();
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { provision } from '../../src/services/provision.ts';
import type { Endpoint, Provisioned } from '../../src/services/types.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URLs of the servers that this test run may use as it likes. */
    services: { redis: string; rabbitmq: string; postgres: string; lockMasters: string[] };
  }
}

/** Projects load this file apart, in one process: they share the servers through the global object. */
interface Shared {
  users: number;
  provisioned: Promise<Provisioned> | undefined;
}

const SHARED = Symbol.for('trade-sim.test.services');
const shared = ((globalThis as unknown as Record<symbol, Shared>)[SHARED] ??= {
  users: 0,
  provisioned: undefined,
});

/** All three or none, so that no run mixes a server of somebody's with a private one. */
const givenUrls = () => {
  const { TRADE_SIM_TEST_REDIS_URL, TRADE_SIM_TEST_AMQP_URL, TRADE_SIM_TEST_POSTGRES_URL } = process.env;
  return TRADE_SIM_TEST_REDIS_URL && TRADE_SIM_TEST_AMQP_URL && TRADE_SIM_TEST_POSTGRES_URL
    ? {
        redis: TRADE_SIM_TEST_REDIS_URL,
        rabbitmq: TRADE_SIM_TEST_AMQP_URL,
        postgres: TRADE_SIM_TEST_POSTGRES_URL,
      }
    : {};
};

/** As many as redlock wants by default. */
const LOCK_MASTERS = 5;

/** A state folder of their own keeps the tests from servers that somebody has kept up. */
const start = (): Promise<Provisioned> => {
  process.env['XDG_STATE_HOME'] = mkdtempSync(join(tmpdir(), 'trade-sim-test-state-'));
  return provision(
    { mode: 'auto', given: givenUrls(), allowRemote: true, lockMasters: LOCK_MASTERS },
    { signal: AbortSignal.timeout(120_000), onProgress: (text) => process.stderr.write(`${text}\n`) },
  );
};

const urlOf = ({ service, url }: Endpoint, notes: readonly string[]): string => {
  if (url === undefined) throw new Error(`These tests need a real ${service}. ${notes.join(' ')}`);
  return url;
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users += 1;
  const provisioned = await (shared.provisioned ??= start());
  const { endpoints, lockMasters, notes } = provisioned;
  project.provide('services', {
    redis: urlOf(endpoints.redis, notes),
    rabbitmq: urlOf(endpoints.rabbitmq, notes),
    postgres: urlOf(endpoints.postgres, notes),
    lockMasters: lockMasters.map((master) => urlOf(master, notes)),
  });
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    shared.provisioned = undefined;
    await provisioned.stop();
    rmSync(process.env['XDG_STATE_HOME']!, { recursive: true, force: true });
  };
}

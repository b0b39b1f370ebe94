import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ServiceName } from '../../src/backends/ports.ts';
import { queueOfKey } from '../../src/engine/lock/queue-of-key.ts';
import type { Result } from '../../src/report/model.ts';
import { Home, resultOf, verdictsOf, type Ended } from './trade-sim.ts';
import { openWitnesses, type Witnesses } from './witnesses.ts';

const home = new Home();
let witnesses: Witnesses;

interface KeptFile {
  readonly servers: readonly { readonly service: ServiceName; readonly url: string }[];
}

const FOREIGN = {
  key: 'trade-sim:{another}:stock:0',
  queue: 'trade-sim.another.ledger',
  schema: 'trade_sim_another',
};

/** Somebody's belongings, with names as near to a run's as can be. */
const bringForeign = async (): Promise<void> => {
  await witnesses.redis.set(FOREIGN.key, '7');
  await witnesses.declareQueue(FOREIGN.queue, 'hello');
  await witnesses.sql(`CREATE SCHEMA ${FOREIGN.schema}; CREATE TABLE ${FOREIGN.schema}.t AS SELECT 1 AS one`);
};

/** Nothing but the foreign belongings, and those whole. */
const expectForeignOnly = async (): Promise<void> => {
  expect(await witnesses.keys('*')).toEqual([FOREIGN.key]);
  expect(await witnesses.redis.get(FOREIGN.key)).toBe('7');
  expect(await witnesses.depth(FOREIGN.queue)).toBe(1);
  expect(await witnesses.schemas()).toEqual([FOREIGN.schema]);
  expect(await witnesses.sql(`SELECT one FROM ${FOREIGN.schema}.t`)).toEqual([{ one: 1 }]);
};

beforeAll(async () => {
  const up = await home.run(['services', 'up', '--services', 'local']);
  expect(up.exitCode, up.stderr).toBe(0);
  const path = join(home.folder, 'state', 'trade-sim', 'kept.json');
  const { servers } = JSON.parse(readFileSync(path, 'utf8')) as KeptFile;
  witnesses = await openWitnesses(
    Object.fromEntries(servers.map(({ service, url }) => [service, url])) as Record<ServiceName, string>,
  );
  await bringForeign();
});

afterEach(async () => {
  expect((await home.run(['services', 'clean'])).exitCode).toBe(0);
});

afterAll(async () => {
  await witnesses.close();
  await home.run(['services', 'down']);
  expect(home.instances()).toEqual([]);
  home.remove();
});

const SHORT = ['--duration', '2s', '--warmup', '500ms'];

const runKept = (scenario: string, ...more: string[]): Promise<Ended> =>
  home.run(['run', scenario, ...SHORT, '--json', ...more]);

/** What the services themselves say about a run, beside what its result says. */
const compareWithServices = async ({ run, orders, queue, stockTotal }: Result): Promise<void> => {
  const ledger = `trade_sim_${run.id}.ledger_entries`;
  const [rows] = await witnesses.sql(
    `SELECT count(DISTINCT order_id) FILTER (WHERE kind = 0)::int AS placed,
            count(DISTINCT order_id) FILTER (WHERE kind = 1)::int AS paid,
            count(DISTINCT order_id) FILTER (WHERE kind = 2)::int AS cancelled,
            coalesce(sum(units) FILTER (WHERE kind = 0), 0)::int AS taken,
            coalesce(sum(units) FILTER (WHERE kind = 2), 0)::int AS returned
       FROM ${ledger}`,
  );
  expect(rows).toMatchObject({ placed: orders.accepted, paid: orders.paid, cancelled: orders.cancelled });
  const { taken, returned } = rows as { taken: number; returned: number };
  expect(stockTotal.reserved! + stockTotal.sold!).toBe(taken - returned);
  expect(stockTotal.available).toBe(stockTotal.initial - taken + returned);
  expect(await unitsInRedis(run.id)).toBe(stockTotal.available);
  expect(await witnesses.depth(`trade-sim.${run.id}.ledger`)).toBe(0);
  expect(await witnesses.depth(`trade-sim.${run.id}.ledger.parking`)).toBe(queue.deadLettered);
};

const unitsInRedis = async (runId: string): Promise<number> => {
  const keys = await witnesses.keys(`trade-sim:{${runId}}:stock:*`);
  const levels = keys.length > 0 ? await witnesses.redis.mget(keys) : [];
  return levels.reduce((sum, level) => sum + Number(level), 0);
};

test.each([
  ['flash-sale', [] as string[]],
  ['checkout', ['--set', 'catalog.skus=200', '--set', 'catalog.stockPerSku=1000']],
])('%s: the result agrees with what the services say, and clean removes just the run', async (name, more) => {
  const ended = await runKept(name, '--keep', ...more);
  const result = resultOf(ended);
  expect([ended.exitCode, result.verdict, result.run.services.redis.origin]).toEqual([0, 'passed', 'local']);
  expect(result.orders.accepted).toBeGreaterThan(0);
  await compareWithServices(result);
  expect(ended.stderr).toContain(`Run ${result.run.id} stays`);

  const { stdout } = await home.run(['services', 'clean']);
  expect(stdout).toBe(`Removed run ${result.run.id}.\n`);
  await expectForeignOnly();
});

test('nothing is left of a run that ends by itself', async () => {
  expect((await runKept('flash-sale')).exitCode).toBe(0);
  expect(home.recordedRuns()).toEqual([]);
  await expectForeignOnly();
});

test('an unlocked read-modify-write is caught overselling, and leaves nothing', async () => {
  const ended = await runKept('flash-sale', '--lock', 'none', '--stock', 'read-modify-write');
  const result = resultOf(ended);
  expect([ended.exitCode, verdictsOf(result)['no-oversell']]).toEqual([4, 'violated']);
  await expectForeignOnly();
});

test.each([
  { what: 'go with the run', more: [], depth: undefined },
  { what: 'stay with it until clean', more: ['--keep'], depth: 0 },
])('the queues of a lock $what', async ({ more, depth }) => {
  const lock = ['--lock', 'queue-serial', '--stock', 'read-modify-write', '--nodes', '2'];
  const ended = await runKept('flash-sale', ...lock, ...more);
  const { run, verdict } = resultOf(ended);
  expect([ended.exitCode, verdict]).toEqual([0, 'passed']);
  const hot = `trade-sim.${run.id}.lock.${queueOfKey('lock:0', 64)}`;
  expect(await witnesses.depth(hot)).toBe(depth);
  await home.run(['services', 'clean']);
  expect(await witnesses.depth(hot)).toBeUndefined();
  await expectForeignOnly();
});

const LONG = ['run', 'flash-sale', '--duration', '60s', '--warmup', '0s', '--json'];

test('an interrupted run reports what there is, and leaves nothing', async () => {
  const command = home.start(LONG);
  await command.until(/^load · /m);
  command.kill('SIGINT');
  const ended = await command.ended;
  const { verdict, interrupted, orders, audit } = resultOf(ended);
  expect([ended.exitCode, verdict, interrupted]).toEqual([130, 'interrupted', true]);
  expect(orders.accepted).toBe(60);
  expect(audit.map(({ verdict }) => verdict)).toEqual(audit.map(() => 'held'));
  await expectForeignOnly();
});

test('a run that is interrupted twice ends at once, and leaves nothing', async () => {
  const command = home.start(LONG);
  await command.until(/^load$/m);
  command.kill('SIGINT');
  command.kill('SIGTERM');
  const { exitCode } = await command.ended;
  expect(exitCode).toBe(130);
  await expectForeignOnly();
});

test('what a killed run has left is removed by services clean', async () => {
  const command = home.start(LONG);
  await command.until(/^load · /m);
  command.kill('SIGKILL');
  await command.ended;
  const [record] = home.recordedRuns();
  const runId = record!.replace('.json', '');
  expect(await witnesses.keys(`trade-sim:{${runId}}:*`)).not.toEqual([]);
  expect(await witnesses.depth(`trade-sim.${runId}.ledger`)).toBeDefined();
  expect(await witnesses.schemas()).toContain(`trade_sim_${runId}`);

  const { exitCode, stdout } = await home.run(['services', 'clean']);
  expect([exitCode, stdout]).toEqual([0, `Removed run ${runId}.\n`]);
  await expectForeignOnly();
});

test('the kept services are told by status and taken by doctor and up', async () => {
  const status = await home.run(['services', 'status']);
  expect([status.exitCode, status.stdout]).toEqual([0, expect.stringMatching(/^Up for .*\n.*Redis .*local/)]);
  expect((await home.run(['services', 'up'])).stdout).toMatch(/^Already running/);
  expect((await home.run(['doctor'])).stdout).toMatch(/^kept +running$/m);
});

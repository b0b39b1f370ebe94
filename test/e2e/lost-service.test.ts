import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServiceName } from '../../src/backends/ports.ts';
import { processesOf, servers, startServers, type PrivateServers } from './private-servers.ts';
import { Home, resultOf, STACK_TRACE, type Command } from './trade-sim.ts';

/** From the fault to the end of the run. */
const ENDS_WITHIN_MS = 40_000;

const home = new Home();
let given: PrivateServers;
let stopped: readonly number[];

beforeEach(async () => {
  given = await startServers();
  stopped = [];
});

afterEach(async () => {
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  await given.stop();
});

afterAll(() => home.remove());

/** A load in which every iteration is an order, and orders are under way at every moment. */
const LOAD =
  '--executor constant-vus --vus 10 --duration 60s --set journey.readsPerOrder=0 --set catalog.stockPerSku=1000000';

const start = (...more: string[]): Command =>
  home.start(['run', 'flash-sale', ...servers(given.urls), ...LOAD.split(' '), '--json', ...more]);

/** The server is gone: connections to it are refused. */
const kill = (service: ServiceName): void => {
  for (const pid of processesOf(service, given.urls[service])) signal(pid, 'SIGKILL');
};

/** The server hangs: connections to it are taken, and nothing is answered. */
const freeze = (service: ServiceName): void => {
  stopped = processesOf(service, given.urls[service]).filter((pid) => signal(pid, 'SIGSTOP'));
};

/** Whether there was such a process still: PostgreSQL's children go with their parent. */
const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

describe.each(['redis', 'rabbitmq', 'postgres'] as const)('%s', (service) => {
  test.each([
    ['dies', kill],
    ['hangs', freeze],
  ] as const)('that %s in mid-run ends it, with a report of what is known', async (_, strike) => {
    const command = start('--warmup', '0s');
    await command.until(/^load · /m);
    strike(service);
    const struckMs = performance.now();
    const ended = await command.ended;
    expect(performance.now() - struckMs).toBeLessThan(ENDS_WITHIN_MS);
    const { verdict, reasons, audit, orders, run } = resultOf(ended);
    expect([ended.exitCode, verdict]).toEqual([3, 'service-lost']);
    expect(reasons[0]).toContain('was lost in mid-run, and not everything could be audited');
    expect(audit.map(({ verdict }) => verdict)).toContain('unknown');
    expect(audit.map(({ verdict }) => verdict)).not.toContain('violated');
    expect(orders.accepted).toBeGreaterThan(0);
    // What waited for an answer when the service froze never got one. The ledger is written behind the queue.
    if (strike === freeze && service !== 'postgres') expect(orders.unknown).toBeGreaterThan(0);
    expect(run.durationMs).toBeLessThan(30_000);
    expect(ended.stderr).not.toMatch(STACK_TRACE);
    expect(ended.stderr).toContain('"trade-sim services clean" removes it');
  });
});

test('a service that dies in the warm-up ends the run with one message', async () => {
  const command = start('--warmup', '60s');
  await command.until(/^warming up$/m);
  kill('redis');
  const { exitCode, stdout, stderr } = await command.ended;
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toContain('trade-sim: Redis was lost before the load began');
  expect(stderr).not.toMatch(STACK_TRACE);
});

import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { findBinaries, missingBinaries } from '../../../src/services/binaries.ts';
import { readInstance, type InstanceRecord } from '../../../src/services/instance.ts';
import { servicesDown, servicesStatus, servicesUp } from '../../../src/services/kept.ts';
import { supplyLocal } from '../../../src/services/local.ts';
import { probe } from '../../../src/services/probe.ts';
import { isAlive } from '../../../src/services/process-mark.ts';
import { provision } from '../../../src/services/provision.ts';
import { processesNaming } from './traces.ts';

const options = { signal: new AbortController().signal, onProgress: () => {} };
const LOCAL = { mode: 'local', given: {}, allowRemote: false } as const;

let home = '';

/** A temporary folder of our own: the servers of other tests are out of reach, and what is left is seen. */
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'services-test-'));
  chmodSync(home, 0o711);
  vi.stubEnv('TMPDIR', home);
  vi.stubEnv('XDG_STATE_HOME', join(home, 'state'));
});

afterAll(async () => {
  // A test that failed half-way may have left some.
  await servicesDown();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test('this machine has the programs that these tests are about', () => {
  expect(missingBinaries(findBinaries())).toEqual([]);
});

const instances = (): string[] =>
  readdirSync(home)
    .filter((name) => name.startsWith('trade-sim-'))
    .map((name) => join(home, name));

const livingProcesses = async ({ processes }: InstanceRecord): Promise<number> =>
  (await Promise.all(processes.map(isAlive))).filter(Boolean).length;

/** Runs `act` on the one instance there is, then sees to it that nothing of it is left. */
const expectNothingLeftAfter = async (act: () => Promise<unknown>, processes = 4): Promise<void> => {
  const [folder] = instances();
  const record = readInstance(folder!)!;
  expect(await livingProcesses(record)).toBe(processes);
  await act();
  expect(await livingProcesses(record)).toBe(0);
  expect(processesNaming(folder!)).toEqual([]);
  expect(instances()).toEqual([]);
};

const withPassword = (url: string, password: string): string => {
  const parsed = new URL(url);
  parsed.password = password;
  return parsed.href;
};

test('private servers answer to their passwords only, and end without a trace', async () => {
  const { endpoints, notes, stop } = await provision(LOCAL, options);
  expect(notes).toEqual([]);
  for (const { service, url, version } of Object.values(endpoints)) {
    expect(await probe(service, url!)).toBe(version);
    await expect(probe(service, withPassword(url!, 'sesame'))).rejects.toThrow(
      expect.objectContaining({
        exitCode: ExitCode.serviceUnavailable,
        message: expect.stringMatching(/at 127\.0\.0\.1:\d+ refused the user or the password$/),
      }),
    );
  }
  const guest = new URL(endpoints.rabbitmq.url!);
  guest.username = 'guest';
  guest.password = 'guest';
  await expect(probe('rabbitmq', guest.href)).rejects.toThrow('refused the user or the password');
  const noPassword = new URL(endpoints.redis.url!);
  noPassword.password = '';
  await expect(probe('redis', noPassword.href)).rejects.toThrow('refused the user or the password');
  await expectNothingLeftAfter(stop);
});

test('several servers of one service start together, each of its own, and end together', async () => {
  const masters = Array.from({ length: 5 }, () => 'redis' as const);
  const supply = await supplyLocal(masters, { ...options, keep: false });
  if (supply.kind !== 'supplied') throw new Error(supply.reason);
  const urls = supply.servers.map(({ url }) => new URL(url));
  expect(new Set(urls.map(({ host }) => host)).size).toBe(5);
  expect(new Set(urls.map(({ password }) => password)).size).toBe(5);
  for (const { href } of urls) expect(await probe('redis', href)).toBe(supply.servers[0]!.version);
  await expectNothingLeftAfter(() => supply.instance!.destroy(), 5);
});

test('an abort in mid-start leaves nothing', async () => {
  const controller = new AbortController();
  const starting = provision(LOCAL, { ...options, signal: controller.signal });
  const refused = expect(starting).rejects.toThrow('interrupted');
  await vi.waitFor(() => expect(readInstance(instances()[0]!)!.processes).toHaveLength(4), 10_000);
  await expectNothingLeftAfter(() => {
    controller.abort(new Error('interrupted'));
    return refused;
  });
});

test('kept servers serve the runs that follow, until they are taken down or one of them dies', async () => {
  const { kind, kept } = await servicesUp('local', options);
  expect(kind).toBe('started');
  expect(await servicesUp('local', options)).toEqual({ kind: 'already-running', kept });

  const { endpoints, stop } = await provision({ ...LOCAL, mode: 'auto' }, options);
  expect(endpoints.redis).toEqual({ ...kept.servers[0], origin: 'local', outlivesRun: true });
  await stop();
  expect(await servicesStatus()).toEqual({ kind: 'running', kept });
  await expectNothingLeftAfter(servicesDown);
  expect(await servicesStatus()).toEqual({ kind: 'none', healed: false });
});

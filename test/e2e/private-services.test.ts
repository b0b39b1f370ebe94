import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readInstance } from '../../src/services/instance.ts';
import { isAlive, type ProcessMark } from '../../src/services/process-mark.ts';
import { processesNaming } from '../integration/services/traces.ts';
import { Home, resultOf } from './trade-sim.ts';

let home: Home;

beforeEach(() => {
  home = new Home();
});

afterEach(async () => {
  await home.run(['services', 'down']);
  home.remove();
});

const SHORT = ['run', 'flash-sale', '--duration', '1s', '--warmup', '0s'];
/** With all the servers there can be: redlock has five Redis of its own. */
const WITH_MASTERS = ['--lock', 'redlock'];
const LONG_LOAD = ['--duration', '60s', '--warmup', '0s'];
const LONG = ['run', 'flash-sale', '--services', 'local', ...WITH_MASTERS, ...LONG_LOAD, '--json'];

const expectNothingLeft = (): void => {
  expect(home.instances()).toEqual([]);
  expect(processesNaming(home.folder)).toEqual([]);
  expect(home.recordedRuns()).toEqual([]);
};

test('a run on private services passes and leaves none of them', async () => {
  const ended = await home.run([...SHORT, ...WITH_MASTERS, '--json']);
  const result = resultOf(ended);
  expect([ended.exitCode, result.verdict]).toEqual([0, 'passed']);
  expect(result.run.services).toMatchObject({
    redis: { origin: 'local' },
    rabbitmq: { origin: 'local' },
    postgres: { origin: 'local' },
  });
  expect(result.run.lockMasters?.map(({ origin }) => origin)).toEqual(
    Array.from({ length: 5 }, () => 'local'),
  );
  expectNothingLeft();
});

test('--keep says that private services keep nothing', async () => {
  const { exitCode, stderr } = await home.run([...SHORT, '--keep']);
  expect(exitCode).toBe(0);
  expect(stderr).toContain('Nothing can be kept');
  expectNothingLeft();
});

test('an interrupted run ends its services', async () => {
  const command = home.start(LONG);
  await command.until(/^load$/m);
  command.kill('SIGTERM');
  const ended = await command.ended;
  expect([ended.exitCode, resultOf(ended).verdict]).toEqual([130, 'interrupted']);
  expectNothingLeft();
});

test('Ctrl-C while the services start leaves none of them', async () => {
  const command = home.start(LONG);
  await command.until(/Starting private/);
  await vi.waitFor(() => expect(processesNaming(home.folder).length).toBeGreaterThan(1), { timeout: 10_000 });
  command.kill('SIGINT');
  const { exitCode, stdout, stderr } = await command.ended;
  expect([exitCode, stdout]).toEqual([130, '']);
  expect(stderr).toContain('trade-sim: interrupted');
  expectNothingLeft();
});

test('no service outlives a SIGKILL of the run by 5 s, and the next command removes its folder', async () => {
  const command = home.start(LONG);
  await command.until(/^load$/m);
  const processes = home.instances().flatMap((folder) => readInstance(folder)!.processes);
  expect(await living(processes)).toBe(4 + 5);
  command.kill('SIGKILL');
  await vi.waitFor(
    async () => {
      expect(await living(processes)).toBe(0);
      expect(processesNaming(home.folder)).toEqual([]);
    },
    { timeout: 5_000, interval: 50 },
  );
  expect((await home.run(['services', 'down'])).stdout).toContain('Reaped');
  expectNothingLeft();
});

const living = async (processes: readonly ProcessMark[]): Promise<number> =>
  (await Promise.all(processes.map(isAlive))).filter(Boolean).length;

test('services up, used, down', async () => {
  expect((await home.run(['services', 'status'])).stdout).toContain('No services are kept');
  const up = await home.run(['services', 'up', '--services', 'local']);
  expect([up.exitCode, up.stdout]).toEqual([0, expect.stringMatching(/^Started/)]);
  expect(home.instances()).toHaveLength(1);
  const run = await home.run(SHORT);
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringContaining('Starting private')]);
  expect((await home.run(['services', 'down'])).stdout).toBe('Stopped the kept services.\n');
  expectNothingLeft();
});

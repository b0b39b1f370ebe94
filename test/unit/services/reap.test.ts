import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Instance } from '../../../src/services/instance.ts';
import { claimKept, forgetKept, keptFile, readKept } from '../../../src/services/kept-file.ts';
import { servicesStatus } from '../../../src/services/kept.ts';
import { isAlive, markOf, type ProcessMark } from '../../../src/services/process-mark.ts';
import { reapOrphans } from '../../../src/services/reap.ts';

let home = '';
let child: ChildProcess;
let mark: ProcessMark;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'reap-test-'));
  const temporary = join(home, 'tmp');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  vi.stubEnv('XDG_STATE_HOME', home);
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  mark = (await markOf(child.pid!))!;
});

afterEach(() => {
  vi.unstubAllEnvs();
  child.kill('SIGKILL');
  rmSync(home, { recursive: true });
});

/** Rewrites a part of an instance's record, as if another process had written it. */
const rewrite = (folder: string, change: object): void => {
  const path = join(folder, 'instance.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
};

const DEAD: ProcessMark = { pid: 1, startedAt: 'long ago' };

const instanceWithChild = async (): Promise<Instance> => {
  const instance = await Instance.create(false);
  mkdirSync(join(instance.subfolder('redis'), 'deep'));
  instance.adopt(mark, 'SIGTERM');
  return instance;
};

const keep = (folder: string): boolean =>
  claimKept({ schema: 'trade-sim.kept/1', origin: 'local', folder, startedAtEpochMs: 0, servers: [] });

test('what a dead owner left is ended and removed', async () => {
  const { folder } = await instanceWithChild();
  rewrite(folder, { owner: DEAD });
  expect(await reapOrphans()).toContainEqual({ folder, processes: 1, problem: undefined });
  expect(await isAlive(mark)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test('what a living owner runs is left alone', async () => {
  const { folder } = await instanceWithChild();
  expect(await reapOrphans()).not.toContainEqual(expect.objectContaining({ folder }));
  expect(await isAlive(mark)).toBe(true);
  expect(existsSync(folder)).toBe(true);
});

test('a process that only has the number of a recorded one is not ended', async () => {
  const { folder } = await instanceWithChild();
  rewrite(folder, {
    owner: DEAD,
    processes: [{ pid: mark.pid, startedAt: 'long ago', stopSignal: 'SIGTERM' }],
  });
  expect(await reapOrphans()).toContainEqual({ folder, processes: 0, problem: undefined });
  expect(await isAlive(mark)).toBe(true);
});

test('a folder without a readable record is not touched', async () => {
  const { folder } = await instanceWithChild();
  writeFileSync(join(folder, 'instance.json'), '{}');
  expect(await reapOrphans()).not.toContainEqual(expect.objectContaining({ folder }));
  expect(existsSync(folder)).toBe(true);
});

test('a kept instance outlives its owner as long as the state file names it', async () => {
  const instance = await instanceWithChild();
  expect(keep(instance.folder)).toBe(true);
  instance.keep(keptFile());
  rewrite(instance.folder, { owner: DEAD });
  await reapOrphans();
  expect(await isAlive(mark)).toBe(true);
  forgetKept();
  await reapOrphans();
  expect(await isAlive(mark)).toBe(false);
});

test('only one of two can keep its instance', async () => {
  expect(keep('/first')).toBe(true);
  expect(keep('/second')).toBe(false);
  expect(readKept()?.folder).toBe('/first');
});

test('status heals the state when a kept server has died, and ends the others', async () => {
  const instance = await instanceWithChild();
  instance.adopt(DEAD, 'SIGTERM');
  keep(instance.folder);
  instance.keep(keptFile());
  expect(await servicesStatus()).toEqual({ kind: 'none', healed: true });
  expect(await isAlive(mark)).toBe(false);
  expect(existsSync(instance.folder)).toBe(false);
  expect(await servicesStatus()).toEqual({ kind: 'none', healed: false });
});

test('destroying twice is destroying once', async () => {
  const instance = await instanceWithChild();
  expect(await Promise.all([instance.destroy(), instance.destroy()])).toEqual([1, 1]);
  expect(existsSync(instance.folder)).toBe(false);
});

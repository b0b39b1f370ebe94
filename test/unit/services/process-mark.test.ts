import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { endProcess, isAlive, markOf, ownMark } from '../../../src/services/process-mark.ts';

const children: ChildProcess[] = [];

const start = async (script: string): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [
    '-e',
    `${script}; console.log('ready'); setInterval(() => {}, 1e6)`,
  ]);
  children.push(child);
  await once(child.stdout, 'data');
  return child;
};

afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

test('a process is ended by its signal', async () => {
  const child = await start('');
  const mark = (await markOf(child.pid!))!;
  expect(await isAlive(mark)).toBe(true);
  expect(await endProcess(mark, 'SIGTERM', 5_000)).toBe(true);
  expect(await isAlive(mark)).toBe(false);
  expect(child.signalCode ?? 'SIGTERM').toBe('SIGTERM');
  expect(await endProcess(mark, 'SIGTERM', 5_000)).toBe(false);
});

test('one that ignores its signal is killed', async () => {
  const child = await start("process.on('SIGTERM', () => {})");
  const exit = once(child, 'exit');
  expect(await endProcess((await markOf(child.pid!))!, 'SIGTERM', 100)).toBe(true);
  expect((await exit)[1]).toBe('SIGKILL');
});

test('another process under the same number is left alone', async () => {
  const child = await start('');
  const mark = (await markOf(child.pid!))!;
  const earlier = { ...mark, startedAt: `1${mark.startedAt}` };
  expect(await isAlive(earlier)).toBe(false);
  expect(await endProcess(earlier, 'SIGKILL', 100)).toBe(false);
  expect(await isAlive(mark)).toBe(true);
});

test('this process knows its own mark', async () => {
  expect(await isAlive(await ownMark())).toBe(true);
});

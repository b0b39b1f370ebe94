import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { askDocker, ComposeProject } from '../../../src/services/compose.ts';
import { supplyDocker } from '../../../src/services/docker.ts';
import { freePorts } from '../../../src/services/free-ports.ts';
import type { CommandResult, RunCommand } from '../../../src/services/run-command.ts';

const ok = (stdout: string): CommandResult => ({ kind: 'exited', code: 0, stdout, stderr: '' });
const fail = (stderr: string): CommandResult => ({ kind: 'exited', code: 1, stdout: '', stderr });

/** Answers by the command's words, and keeps what it was asked to run. */
const runner = (answers: Record<string, CommandResult>) => {
  const calls: { line: string; password: string | undefined }[] = [];
  const run: RunCommand = async (file, args, { env }) => {
    const line = [file, ...args].join(' ');
    calls.push({ line, password: env?.['TRADE_SIM_PASSWORD'] });
    const key = Object.keys(answers).find((words) => line.includes(words));
    return key === undefined ? fail(`unexpected: ${line}`) : answers[key]!;
  };
  return { calls, run };
};

const READY = { 'docker version': ok('27.3.1\n'), 'compose version': ok('2.29.7\n') };
const options = { keep: false, signal: new AbortController().signal, onProgress: () => {} };

describe('an engine', () => {
  test('that answers and has Compose is ready', async () => {
    expect(await askDocker(runner(READY).run)).toEqual({
      kind: 'ready',
      engine: '27.3.1',
      compose: '2.29.7',
    });
  });

  test.each([
    [
      'a client without an engine',
      { ...READY, 'docker version': fail('Cannot connect') },
      /no Docker engine/,
    ],
    ['no Compose', { ...READY, 'compose version': fail('unknown command') }, /no Compose/],
    [
      'no client',
      { docker: { kind: 'failed', reason: 'docker could not be run (ENOENT)' } as const },
      /ENOENT/,
    ],
  ])('%s is unusable', async (_, answers, reason) => {
    const state = await askDocker(runner(answers).run);
    expect(state).toEqual({ kind: 'unusable', reason: expect.stringMatching(reason) });
    expect((await supplyDocker(['redis'], options, runner(answers).run)).kind).toBe('unavailable');
  });
});

describe('a Compose project', () => {
  test('is told its file, its name and its password by the environment', async () => {
    const { calls, run } = runner({ up: ok('') });
    await new ComposeProject('trade-sim-x', run, 'sesame').up(['redis', 'postgres'], options.signal);
    const { line, password } = calls[0]!;
    expect(line).toMatch(
      /^docker compose --file \S+docker-compose\.yml --project-name trade-sim-x up --detach --wait redis postgres$/,
    );
    expect(existsSync(/--file (\S+)/.exec(line)![1]!)).toBe(true);
    expect(password).toBe('sesame');
    expect(line).not.toContain('sesame');
  });

  test('starts a service as often as it is named, and finds the port of each container', async () => {
    const { calls, run } = runner({
      up: ok(''),
      '--index 3': ok('127.0.0.1:3\n'),
      port: ok('127.0.0.1:1\n'),
    });
    const project = new ComposeProject('x', run);
    await project.up(['redis', 'redis', 'redis'], options.signal);
    expect(calls[0]!.line).toMatch(/ up --detach --wait --scale redis=3 redis$/);
    expect([await project.port('redis', 1), await project.port('redis', 3)]).toEqual([1, 3]);
  });

  test.each([
    ['127.0.0.1:49153\n', 49_153],
    ['0.0.0.0:1\n127.0.0.1:32768\n', 32_768],
    ['0.0.0.0:49153\n', undefined],
    [':0\n', undefined],
    ['', undefined],
  ])('reads the published port of %j as %s', async (output, port) => {
    expect(await new ComposeProject('x', runner({ port: ok(output) }).run).port('redis')).toBe(port);
  });
});

describe('a supply that fails', () => {
  test('when the images do not start: says why, takes the project down', async () => {
    const { calls, run } = runner({ ...READY, ' up ': fail('pull access denied'), ' down ': ok('') });
    await expect(supplyDocker(['redis'], options, run)).rejects.toThrow(
      'docker compose failed: pull access denied',
    );
    expect(calls.at(-1)!.line).toMatch(/--project-name trade-sim-[a-z0-9]+ down --volumes/);
  });

  test('when the server behind the port does not answer', async () => {
    const [port] = await freePorts(1);
    const { calls, run } = runner({
      ...READY,
      ' up ': ok(''),
      ' port redis 6379': ok(`127.0.0.1:${port}\n`),
      ' down ': ok(''),
    });
    await expect(supplyDocker(['redis'], options, run)).rejects.toThrow('refused the connection');
    expect(calls.at(-1)!.line).toContain(' down ');
  });
});

test("the project's Compose file publishes loopback ports only and asks for a password", async () => {
  const path = fileURLToPath(new URL('../../../docker-compose.yml', import.meta.url));
  const { services } = parse(await readFile(path, 'utf8')) as {
    services: Record<string, { image: string; ports: string[]; environment: Record<string, string> }>;
  };
  expect(Object.entries(services).map(([name, { image, ports }]) => [name, image, ports])).toEqual([
    ['redis', 'redis:7-alpine', ['127.0.0.1::6379']],
    ['rabbitmq', 'rabbitmq:3-alpine', ['127.0.0.1::5672']],
    ['postgres', 'postgres:16-alpine', ['127.0.0.1::5432']],
  ]);
  for (const { environment } of Object.values(services))
    expect(Object.values(environment).join()).toContain('${TRADE_SIM_PASSWORD:?');
});

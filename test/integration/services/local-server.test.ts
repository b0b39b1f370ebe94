import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { findProgram } from '../../../src/services/binaries.ts';
import { Instance, readInstance } from '../../../src/services/instance.ts';
import { startService, type LocalContext, type LocalPlan } from '../../../src/services/local-server.ts';

let home = '';
let context: LocalContext;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'local-server-test-'));
  chmodSync(home, 0o711);
  vi.stubEnv('TMPDIR', home);
  context = { instance: await Instance.create(false), keep: false, signal: new AbortController().signal };
});

afterEach(async () => {
  await context.instance.destroy();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** A plan that starts `redis-server` on whatever port `choose` says, given a free one. */
const redisOn = (choose: (freePort: number) => number, args: string[] = []): LocalPlan => ({
  service: 'redis',
  portCount: 1,
  async start([freePort], launch) {
    const port = choose(freePort!);
    await launch({
      name: 'redis',
      file: findProgram('redis-server')!,
      args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...args],
      folder: context.instance.subfolder('redis'),
      env: {},
      stopSignal: 'SIGTERM',
    });
    return `redis://127.0.0.1:${port}`;
  },
});

const occupyPort = async () => {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
};

test('a port that somebody took meanwhile is given up for another', async () => {
  const { server, port } = await occupyPort();
  let attempts = 0;
  const plan = redisOn((freePort) => ((attempts += 1) === 1 ? port : freePort));
  const started = await startService(context, plan);
  expect(attempts).toBe(2);
  expect(started.url).not.toContain(`:${port}`);
  // The process that failed is forgotten: it must not make the instance look half dead.
  expect(readInstance(context.instance.folder)!.processes).toHaveLength(1);
  server.close();
});

test('the search for a port ends', async () => {
  const { server, port } = await occupyPort();
  let attempts = 0;
  const plan = redisOn(() => {
    attempts += 1;
    return port;
  });
  await expect(startService(context, plan)).rejects.toThrow(
    expect.objectContaining({ exitCode: ExitCode.serviceUnavailable, hint: expect.stringContaining('port') }),
  );
  expect(attempts).toBe(3);
  server.close();
});

test('a server that refuses its configuration is quoted', async () => {
  const plan = redisOn((port) => port, ['--no-such-directive', 'yes']);
  await expect(startService(context, plan)).rejects.toThrow(/ended while it started:[^]*no-such-directive/);
});

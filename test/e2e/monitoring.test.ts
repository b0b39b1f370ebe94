import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Home } from './trade-sim.ts';

const home = new Home();
afterAll(() => home.remove());

const EMBEDDED = ['run', 'flash-sale', '--services', 'embedded', '--warmup', '0s'];

test('a run is to be scraped while it lasts, and the port is free when it was interrupted', async () => {
  const command = home.start([...EMBEDDED, '--duration', '60s', '--metrics-port', '0']);
  await command.until(/Live figures for Prometheus: http:\S+/);
  const [url] = /http:\S+/.exec(command.stderr)!;
  const acceptedOf = async (): Promise<number> => {
    const text = await (await fetch(url)).text();
    return Number(/^trade_sim_events_total\{.*"orders\.accepted"\} (\d+)$/m.exec(text)![1]);
  };
  await expect.poll(acceptedOf, { timeout: 60_000, interval: 100 }).toBe(60);
  command.kill('SIGINT');
  expect((await command.ended).exitCode).toBe(130);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a collector hears of a run, and no password of it is printed', async () => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url!);
    request.resume();
    response.end('{}');
  });
  onTestFinished(() => server.closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const otlp = `http://me:hunter2@127.0.0.1:${port}`;
  const { exitCode, stdout, stderr } = await home.run([...EMBEDDED, '--duration', '1s', '--otlp', otlp]);
  expect(exitCode).toBe(0);
  expect(new Set(paths)).toEqual(new Set(['/v1/metrics']));
  expect(stdout + stderr).not.toContain('hunter2');
});

test('a collector that is not there spoils nothing', async () => {
  const { exitCode, stdout, stderr } = await home.run([
    ...EMBEDDED,
    '--duration',
    '1s',
    '--otlp',
    'http://127.0.0.1:1',
  ]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('7 of 7 invariants held');
  expect(stderr).toMatch(/OTLP: the metrics could not be pushed to 127\.0\.0\.1:1: .*ECONNREFUSED/);
});

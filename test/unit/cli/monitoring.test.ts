import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { scenariosFile, trade } from './shell.ts';

/** The first to import everything that a run needs; others may be busy. */
const LIMIT_MS = 30_000;

const run = (...options: string[]) => trade(['run', 'shop', '--file', scenariosFile(), ...options]);

it.each([
  [['--metrics-port', '65536'], 'whole number from 0 to 65535'],
  [['--metrics-port', ''], 'whole number from 0 to 65535'],
  [['--metrics-host', '127.0.0.1'], '--metrics-host alone serves nothing'],
  [['--metrics-port', '0', '--metrics-host', 'localhost'], 'not an address'],
  [['--otlp', 'collector'], 'not an http: or https: URL'],
  [['--otlp', 'http://me:hunter2@collector.example'], 'collector.example is not on this machine'],
])(
  '%j is refused before anything is started',
  async (options, message) => {
    const { exitCode, stdout, stderr } = await run(...options);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('hunter2');
  },
  LIMIT_MS,
);

it(
  'a port that is taken is told before anything is started',
  async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { exitCode, stderr } = await run('--metrics-port', String(port));
    other.close();
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`127.0.0.1:${port}: listen EADDRINUSE`);
    expect(stderr).not.toContain('starting services');
  },
  LIMIT_MS,
);

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { freePorts } from '../../../src/services/free-ports.ts';
import { probeFailure } from '../../../src/services/probe-failure.ts';
import { probe } from '../../../src/services/probe.ts';

const SCHEMES = { redis: 'redis', rabbitmq: 'amqp', postgres: 'postgres' } as const;
const SERVICES = ['redis', 'rabbitmq', 'postgres'] as const;

const urlOf = (service: (typeof SERVICES)[number], port: number) =>
  `${SCHEMES[service]}://user:sesame@127.0.0.1:${port}/`;

const servers: { server: Server; sockets: Socket[] }[] = [];

const listen = async (onSocket: (socket: Socket) => void): Promise<number> => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  servers.push({ server, sockets });
  return (server.address() as AddressInfo).port;
};

afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

const failure = (part: string) =>
  expect.objectContaining({
    exitCode: ExitCode.serviceUnavailable,
    message: expect.stringMatching(new RegExp(`at 127\\.0\\.0\\.1:\\d+ ${part}`)),
    hint: expect.any(String),
  });

describe.each(SERVICES)('%s', (service) => {
  test('a port that nobody listens on', async () => {
    const [port] = await freePorts(1);
    await expect(probe(service, urlOf(service, port!))).rejects.toThrow(failure('refused the connection'));
  });

  test('a server that accepts and says nothing', async () => {
    const port = await listen(() => {});
    await expect(probe(service, urlOf(service, port), 100)).rejects.toThrow(
      failure('did not answer within 100ms'),
    );
  });
});

test('a server of another kind is told apart from one that is not there', async () => {
  const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await expect(probe('redis', urlOf('redis', port))).rejects.toThrow(/could not be used/);
});

test('a refused password is said without repeating it', async () => {
  const target = {
    service: 'redis',
    url: urlOf('redis', 6379),
    where: '127.0.0.1:6379',
    deadlineMs: 5_000,
  } as const;
  // As ioredis throws it: with the command, which here is AUTH.
  const reply = Object.assign(new Error('WRONGPASS invalid pair'), {
    command: { name: 'auth', args: ['user', 'sesame'] },
  });
  const thrown = probeFailure(target, reply);
  expect(thrown).toEqual(failure('refused the user or the password'));
  expect(inspect(thrown, { depth: 10 })).not.toContain('sesame');
});

test('an unknown complaint is passed on, without the password', () => {
  const target = { service: 'redis', url: urlOf('redis', 1), where: '127.0.0.1:1', deadlineMs: 1 } as const;
  expect(probeFailure(target, new Error('cannot parse redis://user:sesame@127.0.0.1')).message).toBe(
    'Redis at 127.0.0.1:1 could not be used: cannot parse redis://user:***@127.0.0.1',
  );
});

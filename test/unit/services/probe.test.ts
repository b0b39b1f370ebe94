import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { freePorts } from '../../../src/services/free-ports.ts';
import { probeFailure } from '../../../src/services/probe-failure.ts';
import { probe } from '../../../src/services/probe.ts';

const SCHEMES = { redis: 'redis', rabbitmq: 'amqp', postgres: 'postgres' } as const;
const SERVICES = ['redis', 'rabbitmq', 'postgres'] as const;

const HTTP = 'HTTP/1.1 400 Bad Request\r\n\r\n';

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
  const port = await listen((socket) => socket.end(HTTP));
  await expect(probe('redis', urlOf('redis', port))).rejects.toThrow(/could not be used/);
});

test.each([
  ['redis', 'rediss', '', HTTP],
  ['rabbitmq', 'amqps', '', HTTP],
  ['postgres', 'postgres', '?sslmode=require', HTTP],
  // PostgreSQL's own "no".
  ['postgres', 'postgres', '?sslmode=require', 'N'],
] as const)('%s without TLS, asked for it', async (service, scheme, parameters, answer) => {
  const port = await listen((socket) => socket.once('data', () => socket.end(answer)));
  await expect(probe(service, `${scheme}://127.0.0.1:${port}/${parameters}`)).rejects.toThrow(
    failure('does not speak TLS there'),
  );
});

test.each([
  ['redis', 'rediss'],
  ['rabbitmq', 'amqps'],
] as const)('%s over TLS hears which host is meant', async (service, scheme) => {
  const heard: string[] = [];
  const port = await listen((socket) => {
    const secured = new TLSSocket(socket, {
      isServer: true,
      SNICallback: (host, done) => {
        heard.push(host);
        done(new Error('no certificate'));
      },
    });
    secured.on('error', () => {});
  });
  await expect(probe(service, `${scheme}://localhost:${port}`)).rejects.toThrow();
  expect(heard).toEqual(['localhost']);
});

test.each([
  ['CERT_HAS_EXPIRED', 'has a certificate that is not valid today'],
  ['EPIPE', 'closed the connection at once'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'asks for a certificate of the client'],
  ['CERT_NOT_YET_VALID', 'has a certificate that is not valid today'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'has a certificate from an authority that is not trusted here'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'has a certificate from an authority that is not trusted here'],
])('%s is said in words', (code, complaint) => {
  const target = { service: 'redis', url: urlOf('redis', 1), where: '127.0.0.1:1', deadlineMs: 1 } as const;
  expect(probeFailure(target, Object.assign(new Error('certificate'), { code }))).toEqual(failure(complaint));
});

test.each([
  ['redis', 'redis://user:sesame@127.0.0.1:1/shop', 'the Redis URL cannot be read'],
  ['postgres', 'postgres://user:sesame@127.0.0.1:1/?sslmode=verify-ca', 'without sslrootcert'],
] as const)(
  'a URL that %s could never be reached by is a mistake in its use',
  async (service, url, complaint) => {
    const thrown: unknown = await probe(service, url).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ exitCode: ExitCode.usage, message: expect.stringContaining(complaint) });
    expect(inspect(thrown)).not.toContain('sesame');
  },
);

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

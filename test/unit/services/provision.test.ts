import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { serviceError } from '../../../src/kernel/errors.ts';
import { provision } from '../../../src/services/provision.ts';
import type { Source, Supply } from '../../../src/services/supply.ts';
import type { ProvisionRequest } from '../../../src/services/types.ts';

const options = { signal: new AbortController().signal, onProgress: () => {} };
const request = (change: Partial<ProvisionRequest>): ProvisionRequest => ({
  mode: 'auto',
  given: {},
  allowRemote: false,
  ...change,
});

const has =
  (origin: 'local' | 'docker'): Source =>
  async (services) => ({
    kind: 'supplied',
    origin,
    servers: services.map((service) => ({ service, url: `x://${service}`, version: '99' })),
    instance: undefined,
  });
const lacks =
  (reason: string | undefined): Source =>
  async () => ({ kind: 'unavailable', reason });
const breaks =
  (error: Error): Source =>
  async () => {
    throw error;
  };

describe('given services', () => {
  test('a remote host is refused before any connection, to it or to another service', async () => {
    let connections = 0;
    const server = createServer(() => (connections += 1)).listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const given = { redis: `redis://127.0.0.1:${port}`, postgres: 'postgres://u:sesame@db.example/shop' };
    const refused = expect(provision(request({ given }), options)).rejects;
    await refused.toThrow(
      expect.objectContaining({
        exitCode: ExitCode.usage,
        message: 'PostgreSQL at db.example:5432 is not on this machine',
        hint: expect.stringContaining('--allow-remote'),
      }),
    );
    expect(connections).toBe(0);
    server.close();
  });

  test('under "given", a service without a URL is an error that names it', async () => {
    await expect(provision(request({ mode: 'given' }), options)).rejects.toThrow(
      expect.objectContaining({
        exitCode: ExitCode.serviceUnavailable,
        message: expect.stringContaining('no URL for Redis, RabbitMQ, PostgreSQL'),
        hint: expect.stringContaining('--amqp'),
      }),
    );
  });

  test('under another mode they are left alone, and that is said', async () => {
    const given = { redis: 'redis://cache.example' };
    const { endpoints, notes } = await provision(request({ mode: 'embedded', given }), options);
    expect(endpoints.redis.origin).toBe('embedded');
    expect(notes).toContain('Given URLs are not used under --services embedded: Redis.');
  });
});

describe('sources', () => {
  test('the first that has the services is taken', async () => {
    const sources = () => [lacks(undefined), has('local'), has('docker')];
    const { endpoints } = await provision(request({}), options, sources);
    expect(endpoints.rabbitmq).toEqual({
      service: 'rabbitmq',
      origin: 'local',
      url: 'x://rabbitmq',
      version: '99',
      outlivesRun: true,
    });
  });

  test('one that breaks is passed over under "auto", and embedded is taken and said', async () => {
    const sources = () => [
      lacks(undefined),
      breaks(serviceError('initdb failed')),
      lacks('no Docker engine'),
    ];
    const { endpoints, notes } = await provision(request({}), options, sources);
    expect(Object.values(endpoints).map(({ origin, url }) => [origin, url])).toEqual(
      Array.from({ length: 3 }, () => ['embedded', undefined]),
    );
    expect(notes.join()).toMatch(/Embedded models stand in .*: initdb failed; no Docker engine\./);
  });

  test.each(['local', 'docker'] as const)('under "%s", falling back is refused', async (mode) => {
    const sources = () => [lacks(undefined), lacks('nothing here')];
    await expect(provision(request({ mode }), options, sources)).rejects.toThrow(
      expect.objectContaining({
        exitCode: ExitCode.serviceUnavailable,
        message: 'No services: nothing here',
        hint: expect.stringContaining('doctor'),
      }),
    );
  });

  test('a defect or an abort is not taken for a missing service', async () => {
    const defect = new TypeError('defect');
    await expect(provision(request({}), options, () => [breaks(defect), has('local')])).rejects.toBe(defect);
    const aborted = { ...options, signal: AbortSignal.abort(new Error('interrupted')) };
    await expect(provision(request({}), aborted, () => [has('local')])).rejects.toThrow('interrupted');
  });
});

describe('Redis servers for a lock that votes', () => {
  const local = () => [has('local')];
  const masters = (change: Partial<ProvisionRequest>, starters: () => readonly Source[] = local) =>
    provision(request({ lockMasters: 3, ...change }), options, local, starters);

  test('come from what starts servers, and only as many as are wanted', async () => {
    const { endpoints, lockMasters } = await masters({});
    expect(endpoints.redis.origin).toBe('local');
    expect(lockMasters.map(({ service, origin }) => [service, origin])).toEqual(
      Array.from({ length: 3 }, () => ['redis', 'local']),
    );
    expect((await masters({ lockMasters: 0 })).lockMasters).toEqual([]);
    expect((await provision(request({}), options, local, local)).lockMasters).toEqual([]);
  });

  test('are models beside models', async () => {
    const { lockMasters, notes } = await masters({ mode: 'embedded' }, () => [breaks(new Error('asked'))]);
    expect(lockMasters.map(({ origin }) => origin)).toEqual(['embedded', 'embedded', 'embedded']);
    expect(notes).toEqual([]);
  });

  test('end with the services', async () => {
    const stopped: string[] = [];
    const from =
      (name: string): Source =>
      async (services, supplyOptions) =>
        ({
          ...(await has('local')(services, supplyOptions)),
          instance: { destroy: async () => stopped.push(name) },
        }) as unknown as Supply;
    const { stop } = await provision(
      request({ lockMasters: 3 }),
      options,
      () => [from('services')],
      () => [from('masters')],
    );
    await stop();
    expect(stopped.toSorted()).toEqual(['masters', 'services']);
  });

  test('that cannot be had end what was started before them', async () => {
    let destroyed = 0;
    const instance = { destroy: async () => (destroyed += 1) } as unknown as Supply['instance'];
    const starting: Source = async (services, supplyOptions) =>
      ({
        ...(await has('local')(services, supplyOptions)),
        instance,
      }) as Supply;
    const defect = new TypeError('defect');
    await expect(
      provision(
        request({ lockMasters: 3 }),
        options,
        () => [starting],
        () => [breaks(defect)],
      ),
    ).rejects.toBe(defect);
    expect(destroyed).toBe(1);
  });

  const urls = (...places: readonly string[]) => places.map((place) => `redis://:sesame@${place}`);
  test.each([
    [urls('127.0.0.1:1', '127.0.0.1:2'), '--lock-redis names 2 servers, and the lock wants 3'],
    [urls('127.0.0.1:1', '127.0.0.1:2/0', '127.0.0.1:2/1'), '--lock-redis names 127.0.0.1:2 twice'],
    [urls('127.0.0.1:1', '127.0.0.1:2', 'db.example:3'), 'Redis at db.example:3 is not on this machine'],
  ])(
    'are refused before any connection when they are not what they should be: %#',
    async (given, message) => {
      await expect(masters({ given: { lockMasters: given } })).rejects.toThrow(
        expect.objectContaining({ exitCode: ExitCode.usage, message }),
      );
    },
  );

  test('are left alone under another mode, and that is said', async () => {
    const { notes } = await masters({ mode: 'local', given: { lockMasters: urls('db.example') } });
    expect(notes).toEqual(['Given URLs are not used under --services local: lock masters.']);
  });
});

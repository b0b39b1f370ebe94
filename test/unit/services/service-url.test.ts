import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { parseServiceUrl, redact, requireLoopback } from '../../../src/services/service-url.ts';

const usage = (part: string) =>
  expect.objectContaining({ exitCode: ExitCode.usage, message: expect.stringContaining(part) });

describe('loopback hosts', () => {
  test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.10', '[::1]'])('%s is one', (host) => {
    expect(() => requireLoopback(parseServiceUrl('redis', `redis://${host}:6379`))).not.toThrow();
  });

  test.each([
    'redis.shop.example',
    '10.0.0.5',
    '0.0.0.0',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.1',
    '[::ffff:10.0.0.1]',
    'localhost%00.example.com',
  ])('%s is none', (host) => {
    expect(() => requireLoopback(parseServiceUrl('redis', `redis://${host}:6379`))).toThrow(
      usage('not on this machine'),
    );
  });

  test('the user part is not the host', () => {
    expect(parseServiceUrl('rabbitmq', 'amqp://localhost:5672@broker.example').loopback).toBe(false);
  });

  test.each(['host=db.example', 'hostaddr=10.0.0.5', 'path=/run/x.sock', 'sslmode=disable&host=db.example'])(
    'a parameter that leads elsewhere is refused: %s',
    (query) => {
      expect(() => parseServiceUrl('postgres', `postgres://127.0.0.1/db?${query}`)).toThrow(
        usage('may not have the parameter'),
      );
    },
  );
});

describe('reading a URL', () => {
  test.each([
    ['redis', 'redis://:pw@127.0.0.1', '127.0.0.1:6379'],
    ['redis', 'rediss://127.0.0.1:7000', '127.0.0.1:7000'],
    ['rabbitmq', 'amqps://localhost/', 'localhost:5671'],
    ['postgres', 'postgresql://me@[::1]/shop', '[::1]:5432'],
  ] as const)('%s %s is at %s', (service, url, where) => {
    expect(parseServiceUrl(service, url).where).toBe(where);
  });

  test.each([
    ['redis', 'amqp://127.0.0.1', 'is not a redis: or rediss: URL'],
    ['redis', '127.0.0.1:6379', 'is not a redis: or rediss: URL'],
    ['rabbitmq', 'amqp://secret@127.0.0.1:99999', 'is not'],
    ['postgres', 'postgres:///shop', 'names no host'],
  ] as const)('%s does not accept %s', (service, url, complaint) => {
    expect(() => parseServiceUrl(service, url)).toThrow(usage(complaint));
    expect(() => parseServiceUrl(service, url)).not.toThrow(/secret|99999/);
  });
});

test('a password is taken out of a text, as written and as decoded', () => {
  const url = 'redis://user:p%40ss@127.0.0.1';
  expect(redact('AUTH user p@ss at redis://user:p%40ss@127.0.0.1', url)).toBe(
    'AUTH user *** at redis://user:***@127.0.0.1',
  );
  expect(redact('nothing to hide', 'redis://127.0.0.1')).toBe('nothing to hide');
});

import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { isRecentEnough, requireVersion } from '../../../src/services/versions.ts';

describe('the oldest versions', () => {
  test.each([
    ['redis', '7.0.0', true],
    ['redis', '6.2.14', false],
    ['redis', '10.0.1', true],
    ['rabbitmq', '3.10.8', true],
    ['rabbitmq', '3.9.29', false],
    ['rabbitmq', '3.2', false],
    ['rabbitmq', '4.0.5', true],
    ['postgres', '15.20', true],
    ['postgres', '14.11', false],
    ['postgres', '17beta1', true],
    ['redis', '', false],
    ['redis', 'unstable', false],
  ] as const)('%s %s: %s', (service, version, expected) => {
    expect(isRecentEnough(service, version)).toBe(expected);
  });

  test('an older server is refused with its version, the needed one and its place', () => {
    expect(() => requireVersion('postgres', '13.4', '127.0.0.1:5432')).toThrow(
      expect.objectContaining({
        message: 'PostgreSQL at 127.0.0.1:5432 is version 13.4; trade-sim needs 15 or newer',
        exitCode: ExitCode.serviceUnavailable,
      }),
    );
    expect(() => requireVersion('postgres', '15.0', '127.0.0.1:5432')).not.toThrow();
  });
});

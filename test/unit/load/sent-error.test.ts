import { describe, expect, it } from 'vitest';
import { BackendError } from '../../../src/backends/ports.ts';
import { serviceError, usageError } from '../../../src/kernel/errors.ts';
import { received, sendable } from '../../../src/load/sent-error.ts';

const throughThreads = (thrown: unknown): Error => received(structuredClone(sendable(thrown)));

describe('an error that came from another thread', () => {
  it.each([
    new BackendError('rabbitmq', 'unknown', 'no answer to a publish'),
    usageError('no journey is named x', 'Known: checkout.'),
    serviceError('the server has gone'),
    new RangeError('out of bounds'),
  ])('is as it was: $message', (error) => {
    const other = throughThreads(error);
    expect(other.message).toBe(error.message);
    expect(other.stack).toBe(error.stack);
    if (!(error instanceof RangeError)) expect(Object.entries(other)).toEqual(Object.entries(error));
  });

  it('keeps the class that its exit code depends on', () => {
    expect(throughThreads(new BackendError('redis', 'none', 'refused'))).toBeInstanceOf(BackendError);
  });

  it('may have been no error at all', () => {
    expect(throughThreads('out of memory').message).toBe('out of memory');
  });
});

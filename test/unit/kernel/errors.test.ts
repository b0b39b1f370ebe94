import { describe, expect, it } from 'vitest';
import { assert, unreachable } from '../../../src/kernel/assert.ts';
import { messageOf, serviceError, TradeSimError, usageError } from '../../../src/kernel/errors.ts';

describe('errors for people', () => {
  it('carry what to do, the exit code and the cause', () => {
    const cause = new Error('ENOENT');
    const error = usageError('no such file', 'Name another one.', cause);
    expect(error).toBeInstanceOf(TradeSimError);
    expect(error).toMatchObject({ message: 'no such file', hint: 'Name another one.', exitCode: 2, cause });
    expect(serviceError('no answer')).toMatchObject({ hint: undefined, exitCode: 3 });
    expect('cause' in serviceError('no answer')).toBe(false);
  });
});

describe('messageOf', () => {
  it('finds words for anything that was thrown', () => {
    const refused = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    expect(messageOf(refused)).toBe('ECONNREFUSED');
    expect(messageOf(new Error('plain'))).toBe('plain');
    expect(messageOf(new TypeError(''))).toBe('TypeError');
    expect([messageOf('text'), messageOf(undefined), messageOf(null)]).toEqual(['text', 'undefined', 'null']);
  });
});

describe('assert', () => {
  it('throws what should have been a fact', () => {
    expect(() => assert(0, 'something is there')).toThrow('assertion failed: something is there');
    expect(() => assert('value', 'something is there')).not.toThrow();
  });

  it('ends a switch that was to be exhaustive', () => {
    expect(() => unreachable({ kind: 'new' } as never)).toThrow('unreachable: {"kind":"new"}');
  });
});

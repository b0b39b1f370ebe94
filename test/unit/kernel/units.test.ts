import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TradeSimError } from '../../../src/kernel/errors.ts';
import { formatCount, formatDuration, parseDuration, parseRate } from '../../../src/kernel/units.ts';

describe('parseDuration', () => {
  it('reads every unit as milliseconds', () => {
    expect(['250us', '200ms', '1.5s', '10m', '2h', ' 30s '].map(parseDuration)).toEqual([
      0.25, 200, 1_500, 600_000, 7_200_000, 30_000,
    ]);
  });

  it('refuses anything else, and says how to write it', () => {
    for (const text of ['', '10', '10 sec', 's', '-5s', '1e3s', '.5s', '5.s', '5S', '1h30m', 'NaNs', '٣s']) {
      const read = () => parseDuration(text);
      expect(read, text).toThrow(TradeSimError);
      expect(read, text).toThrow(`"${text}" is not a duration`);
    }
  });
});

describe('parseRate', () => {
  it('reads a rate as a number per second', () => {
    expect(['500/s', '500', '30/m', '1.5/s', '3600/h'].map(parseRate)).toEqual([500, 500, 0.5, 1.5, 1]);
  });

  it('refuses anything else, and says how to write it', () => {
    for (const text of ['', '500/ms', '500 /s', '-1/s', '/s', '5/s/s', '1e3', 'fast'])
      expect(() => parseRate(text), text).toThrow(`"${text}" is not a rate`);
  });
});

describe('formatDuration', () => {
  it('writes three digits at most, in the unit that fits', () => {
    const written = new Map([
      [0, '0µs'],
      [0.0004, '0µs'],
      [0.85, '850µs'],
      [0.9996, '1.00ms'],
      [4.2, '4.20ms'],
      [9.996, '10.0ms'],
      [12.34, '12.3ms'],
      [99.96, '100ms'],
      [999.4, '999ms'],
      [999.6, '1.00s'],
      [4_200, '4.20s'],
      [30_000, '30.0s'],
      [59_949, '59.9s'],
      [59_960, '1m 00s'],
      [185_000, '3m 05s'],
      [3_599_700, '1h 00m'],
      [5_400_000, '1h 30m'],
      [86_400_000, '24h 00m'],
    ]);
    for (const [ms, text] of written) expect(formatDuration(ms)).toBe(text);
  });

  /** What a person reads from it. */
  const readMs = (text: string) =>
    text
      .replace('µs', 'us')
      .split(' ')
      .reduce((sum, part) => sum + parseDuration(part), 0);

  it('reads back as about the same time, and is never long', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 86_400_000, noNaN: true }), (ms) => {
        const text = formatDuration(ms);
        expect(Math.abs(readMs(text) - ms) / ms).toBeLessThanOrEqual(ms < 0.1 ? 0.5 : 0.0101);
        expect(text.length).toBeLessThanOrEqual(7);
      }),
    );
  });

  it('never shrinks when the time grows', () => {
    const anyMs = fc.double({ min: 0, max: 86_400_000, noNaN: true });
    fc.assert(
      fc.property(anyMs, fc.double({ min: 0, max: 1, noNaN: true }), (ms, share) => {
        expect(readMs(formatDuration(ms * share))).toBeLessThanOrEqual(readMs(formatDuration(ms)));
      }),
    );
  });
});

describe('formatCount', () => {
  it('separates thousands', () => {
    expect([0, 999, 12_345, 1_234_567.6].map(formatCount)).toEqual(['0', '999', '12,345', '1,234,568']);
  });
});

import { expect, it } from 'vitest';
import { formatPerSecond, formatRatio, formatUnits } from '../../../src/report/figures.ts';

it.each([
  [0, '0 %'],
  [0.000001, '<0.1 %'],
  [0.0304, '3.0 %'],
  [0.999, '99.9 %'],
  [0.999999, '>99.9 %'],
  [1, '100 %'],
  [1.25, '125.0 %'],
  [null, '–'],
])('a ratio of %s is %s', (ratio, text) => {
  expect(formatRatio(ratio)).toBe(text);
});

it('writes rates and counts for narrow columns', () => {
  expect(formatPerSecond(0.04)).toBe('0.0/s');
  expect(formatPerSecond(33.33)).toBe('33.3/s');
  expect(formatPerSecond(10_417.5)).toBe('10,418/s');
  expect(formatUnits(9_999_999)).toBe('9,999,999');
  expect(formatUnits(12_500_000)).toBe('12.5M');
  expect(formatUnits(-3)).toBe('-3');
  expect(formatUnits(null)).toBe('–');
});

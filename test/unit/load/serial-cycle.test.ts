import { expect, test } from 'vitest';
import { serialCycleOf } from '../../../src/load/serial-cycle.ts';

test('slow cycles count as what they take, cold ones do not', () => {
  const cold = Array.from({ length: 20 }, () => 9_000);
  const warm = Array.from({ length: 90 }, () => 100);
  const slow = Array.from({ length: 10 }, () => 1_100);
  expect(serialCycleOf([...cold, ...warm, ...slow])).toBe(200);
});

test('of few cycles the second half counts, of none nothing', () => {
  expect(serialCycleOf([900, 500, 100])).toBe(300);
  expect(serialCycleOf([900])).toBe(900);
  expect(serialCycleOf([])).toBeUndefined();
});

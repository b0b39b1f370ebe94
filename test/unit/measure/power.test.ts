import { expect, test } from 'vitest';
import { detectableEffect, deviation, pairsNeeded } from '../../../src/measure/power.ts';

test('agrees with the t distribution', () => {
  // t(0.9875; 6) = 2.969, t(0.8; 6) = 0.906; t(0.9875; 14) = 2.510, t(0.8; 14) = 0.868: any table of it.
  expect(detectableEffect(0.03, 7, -1)).toBeCloseTo(((2.969 + 0.906) * 0.03) / Math.sqrt(7), 4);
  expect(detectableEffect(0.05, 15, -1)).toBeCloseTo(((2.51 + 0.868) * 0.05) / Math.sqrt(15), 4);
  // Beyond the margin, t(0.975; 6) = 2.447 decides.
  expect(detectableEffect(0.03, 7, 0.05)).toBeCloseTo(0.05 + ((2.447 + 0.906) * 0.03) / Math.sqrt(7), 4);
});

test('needs more pairs for more noise, and says when there are too many', () => {
  expect(pairsNeeded(0, 0.05, 7, 15)).toBe(7);
  const some = pairsNeeded(0.05, 0.05, 7, 15)!;
  expect(some).toBeGreaterThan(7);
  expect(detectableEffect(0.05, some, 0.05)).toBeLessThanOrEqual(0.1);
  expect(detectableEffect(0.05, some - 1, 0.05)).toBeGreaterThan(0.1);
  expect(pairsNeeded(0.3, 0.05, 7, 15)).toBeUndefined();
});

test('a deviation has n - 1 in its denominator', () => {
  expect(deviation([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3));
  expect(deviation([5])).toBe(0);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  changeOf,
  DEFAULT_MARGINS,
  GATE_METRICS,
  marginOf,
  parseMargins,
  worseBy,
} from '../../../../src/report/gate/metrics.ts';

const figure = fc.double({ min: 1, max: 1e6, noNaN: true });

test('worse is less throughput and more latency, and reads as the change that it is', () => {
  expect(worseBy('throughput', 100, 90)).toBeGreaterThan(0);
  expect(worseBy('p99', 100, 90)).toBeLessThan(0);
  fc.assert(
    fc.property(fc.constantFrom(...GATE_METRICS), figure, figure, (metric, base, candidate) => {
      expect(changeOf(metric, worseBy(metric, base, candidate))).toBeCloseTo(candidate / base - 1, 6);
    }),
  );
});

test('a margin is the larger of its share and its time', () => {
  const margin = { share: 0.15, floorUs: 1_000 };
  expect(changeOf('p99', marginOf('p99', margin, 20_000))).toBeCloseTo(0.15);
  expect(changeOf('p99', marginOf('p99', margin, 2_000))).toBeCloseTo(0.5);
  expect(changeOf('throughput', marginOf('throughput', { share: 0.05, floorUs: 0 }, 1))).toBeCloseTo(-0.05);
});

test('margins are read from flags, over the defaults', () => {
  expect(parseMargins([])).toEqual(DEFAULT_MARGINS);
  const margins = parseMargins(['throughput=3%,p99=20%', 'p99=2ms', 'p50=7.5%']);
  expect(margins.throughput).toEqual({ share: 0.03, floorUs: 0 });
  expect(margins.p50.share).toBeCloseTo(0.075);
  expect(margins.p99).toEqual({ share: 0.2, floorUs: 2_000 });
  expect(margins.p95).toEqual(DEFAULT_MARGINS.p95);
});

test.each([
  'p98=3%',
  'p50',
  'p50=',
  'p50=0%',
  'p50=1001%',
  'throughput=100%',
  'throughput=1ms',
  'p50=3',
  'p50=-3%',
  '=3%',
])('refuses %s', (text) => expect(() => parseMargins([text])).toThrow(/margin|duration/));

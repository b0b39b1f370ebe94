import { expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/kernel/random.ts';
import { DEFAULT_MARGINS, parseMargins } from '../../../../src/report/gate/metrics.ts';
import { marginFlag, noiseOf } from '../../../../src/report/gate/noise.ts';
import { pairsOf } from './rounds.ts';

test('a quiet machine keeps the default margins', () => {
  const noise = noiseOf(pairsOf(15, new SeededRandom(1), 0.003), 7, 1);
  expect(noise.map(({ margin }) => margin)).toEqual(Object.values(DEFAULT_MARGINS));
  expect(noise.map(({ pairs }) => pairs)).toEqual([7, 7, 7, 7]);
});

test('a noisy one gets wider ones: twice what 95 of 100 gates stay within', () => {
  for (const { metric, margin, effect95 } of noiseOf(pairsOf(15, new SeededRandom(1), 0.08), 7, 1)) {
    expect(margin.share).toBeGreaterThan(DEFAULT_MARGINS[metric].share);
    expect(margin.share).toBeGreaterThanOrEqual(1.8 * effect95);
  }
});

test('what is printed for copying reads back as what is proposed', () => {
  const noise = noiseOf(pairsOf(15, new SeededRandom(1), 0.08), 7, 1);
  const margins = parseMargins([marginFlag(noise).replace('--margin ', '')]);
  for (const { metric, margin } of noise) expect(margins[metric].share).toBeCloseTo(margin.share, 9);
});

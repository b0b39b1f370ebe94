import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/kernel/random.ts';
import { judgePairs, wantsMore, type Finding } from '../../src/report/gate/judge.ts';
import { DEFAULT_MARGINS } from '../../src/report/gate/metrics.ts';
import { pairsOf } from '../unit/report/gate/rounds.ts';

/** A whole gate over made-up rounds: from 7 pairs on, more until the figures are sharp, 15 at most. */
const gate = (seed: number, spread: number, slowdown: number): readonly Finding[] => {
  const pairs = pairsOf(15, new SeededRandom(seed), spread, slowdown);
  for (let count = 7; ; count += 1) {
    const findings = judgePairs(pairs.slice(0, count), DEFAULT_MARGINS, seed);
    if (count === pairs.length || !wantsMore(findings)) return findings;
  }
};

const share = (gates: number, spread: number, slowdown: number, verdict: Finding['verdict']): number => {
  let found = 0;
  for (let seed = 1; seed <= gates; seed += 1)
    if (gate(seed, spread, slowdown).some((finding) => finding.verdict === verdict)) found += 1;
  return found / gates;
};

test.each([
  [0.01, 30],
  [0.1, 15],
])('equal arms with noise of %d raise no more than the odd alarm', (spread, gates) => {
  expect(share(gates, spread, 0, 'regression') * gates).toBeLessThanOrEqual(1);
});

test('15 % slower is found in at least nine gates of ten, where a pair has 5 % of noise', () => {
  expect(share(20, 0.05 / Math.SQRT2, 0.15, 'regression')).toBeGreaterThanOrEqual(0.9);
});

test('a slowdown within the margin is no regression', () => {
  expect(share(20, 0.01, 0.02, 'regression')).toBe(0);
});

test('where noise is much larger than the margin, a gate says that it does not know', () => {
  expect(share(5, 0.3, 0, 'inconclusive')).toBe(1);
});

import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/kernel/random.ts';
import { judgeAgainstRecord, judgePairs, wantsMore } from '../../../../src/report/gate/judge.ts';
import { DEFAULT_MARGINS } from '../../../../src/report/gate/metrics.ts';
import { pairsOf, roundOf } from './rounds.ts';

const verdicts = (findings: readonly { readonly verdict: string }[]) =>
  findings.map(({ verdict }) => verdict);

describe('pairs of rounds', () => {
  test('that are equal pass, and no more are wanted', () => {
    const findings = judgePairs(pairsOf(7, new SeededRandom(1), 0.005), DEFAULT_MARGINS, 1);
    expect(verdicts(findings)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(wantsMore(findings)).toBe(false);
  });

  test('of a slower candidate are a regression', () => {
    const findings = judgePairs(pairsOf(7, new SeededRandom(1), 0.01, 0.3), DEFAULT_MARGINS, 1);
    expect(verdicts(findings)).toEqual(['regression', 'regression', 'regression', 'regression']);
    for (const { effect, low, high, p, holmP } of findings) {
      expect(effect).toBeGreaterThan(0.15);
      expect(low).toBeLessThanOrEqual(effect);
      expect(high).toBeGreaterThanOrEqual(effect);
      expect(p).toBe(1 / 128);
      expect(holmP).toBe(4 / 128);
    }
  });

  test('of a faster candidate pass, however far apart they are', () => {
    const findings = judgePairs(pairsOf(7, new SeededRandom(1), 0.01, -0.4), DEFAULT_MARGINS, 1);
    expect(new Set(verdicts(findings))).toEqual(new Set(['passed']));
  });

  test('within the margin are no regression, however certain the change is', () => {
    const findings = judgePairs(pairsOf(15, new SeededRandom(4), 0.002, 0.03), DEFAULT_MARGINS, 1);
    expect(findings[1]!.holmP).toBeLessThan(0.001);
    expect(verdicts(findings)).toEqual(['passed', 'passed', 'passed', 'passed']);
  });

  test('with much noise are inconclusive, and more are wanted', () => {
    const findings = judgePairs(pairsOf(7, new SeededRandom(1), 0.2), DEFAULT_MARGINS, 1);
    expect(verdicts(findings)).toContain('inconclusive');
    expect(verdicts(findings)).not.toContain('regression');
    expect(wantsMore(findings)).toBe(true);
  });

  test('six of them cannot fail a gate: their p does not pass the correction', () => {
    const findings = judgePairs(pairsOf(6, new SeededRandom(1), 0.01, 0.5), DEFAULT_MARGINS, 1);
    expect(verdicts(findings)).not.toContain('regression');
  });

  test('a millisecond of the far percentile is tolerated, whatever its share is', () => {
    const quick = pairsOf(7, new SeededRandom(1), 0.005, 0.4).map(({ base, candidate }) => ({
      base: { ...base, p99: base.p99 / 20 },
      candidate: { ...candidate, p99: candidate.p99 / 20 },
    }));
    const [, , , p99] = judgePairs(quick, DEFAULT_MARGINS, 1);
    expect(p99!.verdict).toBe('passed');
    expect(p99!.margin).toBeCloseTo(Math.log(2), 1);
  });

  test('are judged alike by the same seed', () => {
    const pairs = pairsOf(9, new SeededRandom(3), 0.05);
    expect(judgePairs(pairs, DEFAULT_MARGINS, 1)).toEqual(judgePairs(pairs, DEFAULT_MARGINS, 1));
  });
});

/** A look at the width alone: it must not depend on where the interval lies. */
test('whether more rounds are wanted does not depend on the direction', () => {
  const [finding] = judgePairs(pairsOf(7, new SeededRandom(1), 0.2), DEFAULT_MARGINS, 1);
  const worse = { ...finding!, verdict: 'regression' as const, low: 1, high: 1 + finding!.margin * 1.1 };
  const open = {
    ...finding!,
    verdict: 'inconclusive' as const,
    low: -0.01,
    high: finding!.margin * 1.1 - 0.01,
  };
  expect([wantsMore([worse]), wantsMore([open])]).toEqual([true, true]);
  const sharp = { ...open, high: finding!.margin * 0.9 - 0.01, low: -0.01 };
  expect(wantsMore([sharp])).toBe(false);
});

describe('rounds against a record', () => {
  const rounds = (seed: number, spread: number, slowdown = 0) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 7 }, () => roundOf(random, spread, slowdown));
  };
  const SAME = { mean: 0, low: 0, high: 0 };

  test('that are equal pass, slower ones fail', () => {
    const record = rounds(1, 0.005);
    expect(verdicts(judgeAgainstRecord(record, rounds(2, 0.005), SAME, DEFAULT_MARGINS, 1))).toEqual(
      verdicts([1, 2, 3, 4].map(() => ({ verdict: 'passed' }))),
    );
    expect(verdicts(judgeAgainstRecord(record, rounds(2, 0.005, 0.5), SAME, DEFAULT_MARGINS, 1))).toContain(
      'regression',
    );
  });

  test('of a machine half as fast are no regression once its speed is taken out', () => {
    const record = rounds(1, 0.005);
    const here = rounds(2, 0.005, 1);
    const half = { mean: Math.log(0.5), low: Math.log(0.5), high: Math.log(0.5) };
    expect(verdicts(judgeAgainstRecord(record, here, SAME, DEFAULT_MARGINS, 1))).toContain('regression');
    const findings = judgeAgainstRecord(record, here, half, DEFAULT_MARGINS, 1);
    expect(new Set(verdicts(findings))).toEqual(new Set(['passed']));
    for (const { effect, base, candidate } of findings) {
      expect(effect).toBeCloseTo(0, 1);
      expect(candidate / base).toBeCloseTo(1, 1);
    }
  });

  test('a machine whose parts disagree about its speed widens the interval', () => {
    const [record, here] = [rounds(1, 0.005), rounds(2, 0.005)];
    const [sure] = judgeAgainstRecord(record, here, SAME, DEFAULT_MARGINS, 1);
    const [unsure] = judgeAgainstRecord(record, here, { mean: 0, low: -0.1, high: 0.2 }, DEFAULT_MARGINS, 1);
    expect(unsure!.low).toBeCloseTo(sure!.low - 0.1, 9);
    expect(unsure!.high).toBeCloseTo(sure!.high + 0.2, 9);
    expect(unsure!.verdict).toBe('inconclusive');
  });
});

import { describe, expect, it } from 'vitest';
import { comparisonSchema, type Comparison } from '../../../src/report/comparison.ts';
import { bestOf, FIGURES, SORT_KEYS, sortArms, type Figure } from '../../../src/report/comparison/columns.ts';
import { renderComparison } from '../../../src/report/comparison/terminal.ts';
import { displayWidth } from '../../../src/report/text.ts';
import {
  arm,
  comparisonFixture,
  comparisonOf,
  onNodes,
  round,
  rounds,
} from '../../support/comparison-fixture.ts';
import { resultFixture } from '../../support/result-fixture.ts';

const draw = (comparison: Comparison, columns = 80, sort = 'orders'): string =>
  renderComparison(comparison, { columns, color: false, sort });

describe('an arm of a comparison', () => {
  it('puts its rounds together', () => {
    const one = arm({ 'engine.lock': 'token' }, rounds(1_000, 1_100, 1_200));
    expect(one.ordersPerSecond.mean).toBeCloseTo(110);
    expect(one.ordersPerSecond.low).toBeLessThan(110);
    expect(one.runs.map(({ ordersPerSecond }) => ordersPerSecond)).toEqual([100, 110, 120]);
    expect(one.runs[0]).toMatchObject({ overheadMs: 640, invariants: { held: 7, violated: 0, unknown: 0 } });
    expect(one.verdict).toBe('passed');
  });

  it('is as bad as its worst round', () => {
    const violated = round(900, { verdict: 'violated', reasons: ['no-oversell: 3 units oversold'] });
    const one = arm({}, [round(1_000), violated, round(1_000, { verdict: 'inconclusive' })]);
    expect(one).toMatchObject({ verdict: 'violated', reasons: ['no-oversell: 3 units oversold'] });
  });

  it('counts the orders that were answered, not those that failed', () => {
    const { orders } = round(500);
    const one = arm({}, [round(500, { orders: { ...orders, attempted: 900, failed: 400 } })]);
    expect(one.ordersPerSecond).toEqual({ mean: 50, low: null, high: null });
  });

  it('has its loads per expiry over all rounds, and its highest peak', () => {
    const { cache } = resultFixture();
    const one = arm({}, [
      round(10, { cache: { ...cache, loads: 30, expiries: 10, peakConcurrentLoads: 4 } }),
      round(10, { cache: { ...cache, loads: 10, expiries: 10, peakConcurrentLoads: 2 } }),
    ]);
    expect(one).toMatchObject({ loadsPerExpiry: 2, peakConcurrentLoads: 4 });
    const uncached = arm({}, [round(10, { cache: { ...cache, expiries: 0 } })]);
    expect(uncached.loadsPerExpiry).toBeNull();
  });
});

describe('the best of a figure', () => {
  const fast = arm({ lock: 'fast' }, rounds(9_000, 9_010, 9_020));
  const slow = arm({ lock: 'slow' }, rounds(1_000, 1_010, 1_020));
  const noisy = arm({ lock: 'noisy' }, rounds(100, 9_000, 20_000));

  it('is clear of every other by more than the noise', () => {
    expect(bestOf([slow, fast], FIGURES.orders)).toBe(fast);
    expect(bestOf([slow, noisy, fast], FIGURES.orders)).toBeUndefined();
  });

  it('is the lowest where less is better', () => {
    const micros = (low: number) => ({ ...fast, p99UsByRound: { mean: low, low: low - 1, high: low + 1 } });
    const [quick, late] = [micros(100), micros(200)];
    expect(bestOf([late, quick], FIGURES.p99)).toBe(quick);
    expect(bestOf([micros(100), micros(101)], FIGURES.p99)).toBeUndefined();
  });

  it('is none of those that violated an invariant, however fast', () => {
    const wrong = { ...fast, verdict: 'violated' as const };
    const middling = arm({ lock: 'middling' }, rounds(5_000, 5_010, 5_020));
    expect(bestOf([wrong, slow, middling], FIGURES.orders)).toBe(middling);
  });

  it('is not one alone, nor one of single rounds', () => {
    expect(bestOf([fast], FIGURES.orders)).toBeUndefined();
    expect(bestOf([arm({}, rounds(1)), arm({}, rounds(9))], FIGURES.orders)).toBeUndefined();
  });
});

describe('the order of the rows', () => {
  const { arms } = comparisonFixture();

  it.each(Object.values(FIGURES).map((figure: Figure) => [figure.key, figure] as const))(
    'by %s has the best first and those without a figure last',
    (key, figure) => {
      const given = arms.map((one, index) => ({
        ...one,
        ordersPerSecond: { ...one.ordersPerSecond, mean: (index * 7) % 5 },
        contendedRatio: ((index * 3) % 5) / 10,
        serialBoundRatio: index % 3 === 0 ? null : index / 10,
        loadsPerExpiry: index % 2 === 0 ? null : index,
      }));
      const values = sortArms(given, key).map(figure.value);
      const known = values.filter((value) => value !== null);
      expect(values.slice(known.length).every((value) => value === null)).toBe(true);
      const sorted = known.toSorted((a, b) => (figure.better === 'high' ? b - a : a - b));
      expect(known).toEqual(sorted);
      expect(values).toHaveLength(arms.length);
    },
  );

  it('may be that of names or of nodes', () => {
    expect(SORT_KEYS).toEqual([...Object.keys(FIGURES), 'nodes', 'name']);
    const names = ['nodes 10', 'b', 'nodes 9', 'a'].map((label) => arm({}, rounds(1), { label }));
    expect(sortArms(names, 'name').map(({ label }) => label)).toEqual(['a', 'b', 'nodes 9', 'nodes 10']);
    expect(sortArms(arms, 'nodes').map(({ nodes }) => nodes)).toEqual([1, 1, 2, 2, 2, 4, 4]);
  });

  it('is that of the table', () => {
    const two = comparisonOf([arm({ lock: 'b' }, rounds(10)), arm({ lock: 'a' }, rounds(20))]);
    expect(draw(two).indexOf('\n  a ')).toBeLessThan(draw(two).indexOf('\n  b '));
    const byName = draw(comparisonOf(two.arms.toReversed()), 80, 'name');
    expect(byName.indexOf('\n  a ')).toBeLessThan(byName.indexOf('\n  b '));
  });
});

describe('scalability', () => {
  const scaled = (rates: readonly number[]) =>
    rates.map((rate, index) =>
      arm({ 'engine.lock': 'token', 'engine.nodes': String(2 ** index) }, [
        onNodes(2 ** index, round(rate)),
        onNodes(2 ** index, round(rate * 1.02)),
      ]),
    );

  it('is fitted over three numbers of nodes', () => {
    const [scaling] = comparisonFixture().scalability;
    expect(scaling).toMatchObject({ design: 'none · lua' });
    expect(scaling!.fit!.sigma).toBeCloseTo(0.1, 2);
    expect(scaling!.fit!.intervals).not.toBeNull();
    expect(comparisonFixture().scalability[1]!.fit!.peakNodes).toBeCloseTo(Math.sqrt(0.4 / 0.05), 0);
  });

  it('is the same again', () => {
    const { arms, scalability } = comparisonFixture();
    expect(comparisonOf(arms).scalability).toEqual(scalability);
  });

  it('has only a ratio over two, and says so', () => {
    const two = comparisonOf(scaled([1_000, 1_500]));
    expect(two.scalability[0]!.fit).toBeNull();
    expect(two.scalability[0]!.ratio).toBeCloseTo(1.5);
    expect(draw(two)).toContain('x1.50 from 1 to 2 nodes; a curve needs three numbers of nodes');
  });

  it('is left out where nodes were not varied', () => {
    const one = comparisonOf(scaled([1_000]));
    expect(one.scalability).toEqual([]);
    expect(draw(one)).toContain('not varied');
    expect(draw(one)).not.toContain('Universal Scalability Law');
  });

  it('says when an open load is what bounds it', () => {
    const open = scaled([100, 100, 100]).map((one) => ({ ...one, isOpenLoad: true }));
    expect(draw(comparisonOf(open))).toContain('bounded by the rate of this open load');
    expect(draw(comparisonOf(scaled([100, 100, 100])))).not.toContain('open load');
  });
});

describe('the decision table', () => {
  it('has a row for each combination, whatever its nodes, with the figures of its fastest', () => {
    const { decision } = comparisonFixture();
    expect(decision.map(({ design, nodes }) => [design, nodes])).toEqual([
      ['none · lua', 4],
      ['token · lua', 2],
      ['none · read-modify-write', 2],
    ]);
    expect(decision[0]!.performance.ordersPerSecond.mean).toBeCloseTo(12_307.7, 0);
    expect(decision[1]).toMatchObject({ ease: { options: 10 }, scalability: { fewest: 1, most: 4 } });
  });

  it('counts a violation in any round, on any number of nodes', () => {
    const { security } = comparisonFixture().decision[2]!;
    expect(security).toMatchObject({ rounds: 3, violatedRounds: 3, oversellSafe: 'never' });
    const text = draw(comparisonFixture());
    expect(text).toContain('✘ 3 of 3 bad');
    expect(text).toContain('✔ 9 of 9 held');
  });

  it('does not take what could not be judged for held', () => {
    const audit = resultFixture().audit.map((entry) => ({ ...entry, verdict: 'unknown' as const }));
    const unsure = comparisonOf([arm({}, [round(1), round(1, { audit })])]);
    expect(unsure.decision[0]!.security).toMatchObject({ violatedRounds: 0, unknownRounds: 1 });
    expect(draw(unsure)).toContain('? 1 of 2');
  });
});

describe('the comparison at a terminal', () => {
  it('says first which combination was wrong, and who is best', () => {
    const text = draw(comparisonFixture(), 100);
    expect(text).toContain('1 of 7 violated an invariant');
    expect(text).toContain('none · read-modify-write: no-oversell: 3 units oversold');
    expect(text).toContain('Orders per second: best is none · lua · nodes 4 with 12,308');
    expect(text).toMatch(/^ +none · lua · nodes 4 +12,308 \*/mu);
    expect(text).not.toMatch(/read-modify-write +9,9\d\d \*/u);
  });

  it('marks nothing after one round, and says why', () => {
    const text = draw(
      comparisonOf([arm({ lock: 'a' }, rounds(1)), arm({ lock: 'b' }, rounds(9))], { rounds: 1 }),
    );
    expect(text).toContain('One round has no interval');
    expect(text).not.toMatch(/\d \*/u);
  });

  it.each([80, 100, 200])('fits %i columns, however long the names', (columns) => {
    const long = arm(
      {
        'engine.lock': 'a-very-long-lock-name',
        'engine.stock': 'read-modify-write',
        'engine.cache': 'single-flight',
        'engine.queue': 'x'.repeat(60),
      },
      rounds(9_999_990, 9_999_000, 12_345_678),
    );
    for (const comparison of [comparisonOf([long, long]), comparisonFixture()])
      for (const line of draw(comparison, columns).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(Math.min(columns, 100));
  });

  it('is of the shape that is saved', () => {
    const comparison = comparisonFixture();
    expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  });
});

import { describe, expect, it } from 'vitest';
import { armOf, comparisonSchema, type Comparison } from '../../../src/report/comparison.ts';
import { renderComparison } from '../../../src/report/comparison-terminal.ts';
import type { Result } from '../../../src/report/model.ts';
import { displayWidth } from '../../../src/report/text.ts';
import { resultFixture } from '../../support/result-fixture.ts';

/** A round in which `accepted` orders were accepted in 10 s, and nothing else happened. */
const round = (accepted: number, changes: Partial<Result> = {}): Result => {
  const base = resultFixture();
  return resultFixture({
    run: { ...base.run, durationMs: 10_000 },
    orders: {
      ...base.orders,
      attempted: accepted,
      accepted,
      replayed: 0,
      soldOut: 0,
      limitReached: 0,
      contended: 0,
    },
    ...changes,
  });
};

const comparison = (arms: Comparison['arms']): Comparison => {
  const { environment, run } = resultFixture();
  return comparisonSchema.parse({
    schema: 'trade-sim.comparison/1',
    scenario: 'flash-sale',
    seed: 1,
    rounds: 3,
    interrupted: false,
    command: 'trade-sim compare flash-sale',
    environment,
    services: run.services,
    arms,
  });
};

const render = (arms: Comparison['arms'], columns = 80): string =>
  renderComparison(comparison(arms), { columns, color: false, sort: 'orders' });

describe('an arm of a comparison', () => {
  it('puts its rounds together', () => {
    const arm = armOf({ 'engine.lock': 'token' }, [round(1_000), round(1_100), round(1_200)]);
    expect(arm.ordersPerSecond.mean).toBeCloseTo(110);
    expect(arm.ordersPerSecond.low).toBeLessThan(110);
    expect(arm.runs.map(({ ordersPerSecond }) => ordersPerSecond)).toEqual([100, 110, 120]);
    expect(arm.verdict).toBe('passed');
  });

  it('is as bad as its worst round', () => {
    const violated = round(900, { verdict: 'violated', reasons: ['no-oversell: 3 units oversold'] });
    const arm = armOf({}, [round(1_000), violated, round(1_000, { verdict: 'inconclusive' })]);
    expect(arm).toMatchObject({ verdict: 'violated', reasons: ['no-oversell: 3 units oversold'] });
  });

  it('counts the orders that were answered, not those that failed', () => {
    const { orders } = round(500);
    const arm = armOf({}, [round(500, { orders: { ...orders, attempted: 900, failed: 400 } })]);
    expect(arm.ordersPerSecond).toEqual({ mean: 50, low: null, high: null });
  });
});

describe('the table of a comparison', () => {
  const rounds = (...accepted: readonly number[]) => accepted.map((count) => round(count));

  it('marks the fastest only where it is fastest beyond the noise', () => {
    const fast = armOf({ lock: 'none' }, rounds(9_000, 9_010, 9_020));
    const slow = armOf({ lock: 'token' }, rounds(1_000, 1_010, 1_020));
    expect(render([slow, fast])).toMatch(/^ +none +902? \*|^ +none +901 \*/mu);
    const noisy = armOf({ lock: 'token' }, rounds(100, 9_000, 20_000));
    expect(render([noisy, fast])).not.toMatch(/\d \* +\S+–/u);
  });

  it('says which combination was wrong, and why', () => {
    const arm = armOf({ lock: 'none' }, [
      round(10, { verdict: 'violated', reasons: ['no-oversell: 3 units oversold'] }),
    ]);
    const text = render([arm]);
    expect(text).toContain('1 of 1 violated an invariant');
    expect(text).toContain('none: no-oversell: 3 units oversold');
  });

  it.each([80, 100, 200])('fits %i columns, however long the names', (columns) => {
    const arm = armOf(
      {
        lock: 'a-very-long-lock-name',
        stock: 'read-modify-write',
        cache: 'single-flight',
        queue: 'x'.repeat(60),
      },
      rounds(9_999_990, 9_999_000, 12_345_678),
    );
    for (const line of render([arm, arm], columns).split('\n'))
      expect(displayWidth(line)).toBeLessThanOrEqual(Math.min(columns, 100));
  });

  it('orders its rows as asked', () => {
    const arms = [armOf({ lock: 'b' }, rounds(10)), armOf({ lock: 'a' }, rounds(20))];
    const byName = renderComparison(comparison(arms), { columns: 80, color: false, sort: 'name' });
    expect(byName.indexOf('\n  a ')).toBeLessThan(byName.indexOf('\n  b '));
    expect(render(arms).indexOf('\n  a ')).toBeLessThan(render(arms).indexOf('\n  b '));
  });
});

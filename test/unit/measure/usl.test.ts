import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { fitUsl, uslIntervals, uslRate, type Step, type UslFit } from '../../../src/measure/usl.ts';

const law = (lambda: number, sigma: number, kappa: number): UslFit => ({
  lambda,
  sigma,
  kappa,
  peakNodes: null,
  r2: 1,
});

/** What the law gives on so many nodes, each round off by a factor of its own. */
const measured = (truth: UslFit, nodes: readonly number[], rounds = 1, noise = () => 1): Step[] =>
  nodes.map((count) => ({
    nodes: count,
    rates: Array.from({ length: rounds }, () => uslRate(truth, count) * noise()),
  }));

/** A normal variable around 1 (Box and Muller's transform). */
const around1 = (spread: number, random: SeededRandom) => () =>
  1 + spread * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

describe('a fit of the Universal Scalability Law', () => {
  it('finds the law that the figures come from', () => {
    const parameters = fc.record({
      lambda: fc.double({ min: 1, max: 1e6, noNaN: true }),
      sigma: fc.double({ min: 0, max: 0.9, noNaN: true }),
      kappa: fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
    });
    const counts = fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(parameters, counts, ({ lambda, sigma, kappa }, nodes) => {
        const fit = fitUsl(measured(law(lambda, sigma, kappa), nodes))!;
        for (const count of nodes)
          expect(uslRate(fit, count) / uslRate(law(lambda, sigma, kappa), count)).toBeCloseTo(1, 6);
        expect(fit.lambda / lambda).toBeCloseTo(1, 2);
        expect(fit.sigma).toBeCloseTo(sigma, 2);
        expect(fit.kappa).toBeCloseTo(kappa, 3);
        expect(fit.r2).toBeCloseTo(1, 4);
      }),
    );
  });

  it('has its peak where the curve is highest', () => {
    const fit = fitUsl(measured(law(1_000, 0.04, 0.005), [1, 2, 4, 8, 16, 32]))!;
    expect(fit.peakNodes).toBeCloseTo(Math.sqrt(0.96 / 0.005), 3);
    const best = Array.from({ length: 64 }, (_, index) => index + 1).toSorted(
      (a, b) => uslRate(fit, b) - uslRate(fit, a),
    )[0]!;
    expect(Math.abs(best - fit.peakNodes!)).toBeLessThan(1);
  });

  it('gives no parameter below zero, whatever was measured', () => {
    const steps = fc.uniqueArray(
      fc.record({
        nodes: fc.integer({ min: 1, max: 64 }),
        rates: fc.array(fc.double({ min: 0.1, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 4 }),
      }),
      { selector: ({ nodes }) => nodes, minLength: 3, maxLength: 6 },
    );
    fc.assert(
      fc.property(steps, (given) => {
        const fit = fitUsl(given)!;
        expect(fit.lambda).toBeGreaterThan(0);
        expect(fit.sigma).toBeGreaterThanOrEqual(0);
        expect(fit.kappa).toBeGreaterThanOrEqual(0);
        expect(fit.peakNodes ?? 1).toBeGreaterThanOrEqual(1);
        for (const { nodes } of given) expect(uslRate(fit, nodes)).toBeGreaterThan(0);
      }),
    );
  });

  it('is near the truth in spite of noise', () => {
    const random = new SeededRandom(1);
    const truth = law(5_000, 0.05, 0.01);
    const fit = fitUsl(measured(truth, [1, 2, 4, 8, 16], 20, around1(0.03, random)))!;
    expect(Math.abs(fit.lambda / truth.lambda - 1)).toBeLessThan(0.05);
    expect(Math.abs(fit.sigma - truth.sigma)).toBeLessThan(0.03);
    expect(Math.abs(fit.kappa - truth.kappa)).toBeLessThan(0.003);
  });

  it.each([
    ['no node count', []],
    ['one', [2, 2, 2]],
    ['two', [1, 4, 4]],
  ])('is not made of %s', (_name, counts) => {
    expect(fitUsl(measured(law(100, 0.1, 0.01), counts))).toBeUndefined();
  });

  it.each([
    ['linear growth: no peak', [100, 200, 400], { sigma: 0, kappa: 0, peakNodes: null }],
    ['more than linear growth counts as linear', [100, 220, 500], { sigma: 0, kappa: 0, peakNodes: null }],
    ['no growth: one node does it all', [100, 100, 100], { sigma: 1, kappa: 0, peakNodes: 1 }],
    ['a decline from the start peaks at one node', [100, 60, 20], { peakNodes: 1 }],
  ])('%s', (_name, rates, expected) => {
    const fit = fitUsl(rates.map((rate, index) => ({ nodes: 2 ** index, rates: [rate] })))!;
    for (const [name, value] of Object.entries(expected)) {
      const found = fit[name as keyof UslFit];
      if (value === null) expect(found).toBeNull();
      else expect(found).toBeCloseTo(value, 6);
    }
  });

  it('says when the law does not describe what was measured', () => {
    const zigzag = [100, 20, 100, 20].map((rate, index) => ({ nodes: index + 1, rates: [rate] }));
    expect(fitUsl(zigzag)!.r2).toBeLessThan(0.5);
  });
});

describe('its intervals', () => {
  it('hold the truth, and are wider where there is more noise', () => {
    const truth = law(5_000, 0.05, 0.01);
    const widths = [0.01, 0.05].map((spread) => {
      const steps = measured(truth, [1, 2, 4, 8, 16], 10, around1(spread, new SeededRandom(7)));
      const { kappa, peakNodes } = uslIntervals(steps, new SeededRandom(1))!;
      expect(kappa.low).toBeLessThan(truth.kappa);
      expect(kappa.high).toBeGreaterThan(truth.kappa);
      expect(peakNodes!.low).toBeLessThan(Math.sqrt(0.95 / 0.01));
      return kappa.high - kappa.low;
    });
    expect(widths[1]!).toBeGreaterThan(2 * widths[0]!);
  });

  it('leave open where the peak is, if there may be none', () => {
    const random = new SeededRandom(3);
    const steps = measured(law(5_000, 0.05, 0), [1, 2, 4], 5, around1(0.05, random));
    expect(uslIntervals(steps, random)!.peakNodes?.high ?? null).toBeNull();
  });

  it('are not made of single rounds, nor without a fit', () => {
    const truth = law(5_000, 0.05, 0.01);
    expect(uslIntervals(measured(truth, [1, 2, 4], 1), new SeededRandom(1))).toBeUndefined();
    expect(uslIntervals(measured(truth, [1, 2], 5), new SeededRandom(1))).toBeUndefined();
  });
});

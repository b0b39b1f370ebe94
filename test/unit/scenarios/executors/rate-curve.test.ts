import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decay, linear, rateCurve } from '../../../../src/scenarios/executors/rate-curve.ts';

const rate = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1e6, noNaN: true }));
const part = fc.double({ min: 1e-3, max: 0.999, noNaN: true });
const durationMs = fc.integer({ min: 1, max: 3_600_000 });
const stretch = fc.oneof(
  fc.tuple(rate, rate, durationMs).map((args) => linear(...args)),
  fc
    .tuple(fc.double({ min: 0.01, max: 1e6, noNaN: true }), durationMs, durationMs)
    .map((args) => decay(...args)),
);
const curve = fc.array(stretch, { minLength: 1, maxLength: 5 }).map((stretches) => rateCurve(...stretches));

describe('a rate curve', () => {
  it('reaches a count at the time that the inverse gives, to a millionth', () => {
    fc.assert(
      fc.property(curve, part, (arrivals, part) => {
        const count = part * arrivals.countAt(arrivals.durationMs);
        const atMs = arrivals.timeOf(count);
        fc.pre(count > 0);
        expect(atMs).toBeGreaterThanOrEqual(0);
        expect(atMs).toBeLessThanOrEqual(arrivals.durationMs * (1 + 1e-9));
        expect(Math.abs(arrivals.countAt(atMs) - count)).toBeLessThanOrEqual(1e-6 * count + 1e-6);
      }),
    );
  });

  it('never goes back in time', () => {
    fc.assert(
      fc.property(curve, fc.uniqueArray(part), (arrivals, parts) => {
        const total = arrivals.countAt(arrivals.durationMs);
        const times = parts.toSorted((a, b) => a - b).map((part) => arrivals.timeOf(part * total));
        for (let i = 1; i < times.length; i += 1)
          expect(times[i]).toBeGreaterThanOrEqual(times[i - 1]! * (1 - 1e-9));
      }),
    );
  });

  it('is the integral of its rate: a ramp from 0 to 100/s in 10 s brings 500', () => {
    const ramp = rateCurve(linear(0, 100, 10_000));
    expect(ramp.countAt(10_000)).toBeCloseTo(500, 9);
    expect(ramp.countAt(5_000)).toBeCloseTo(125, 9);
    expect(ramp.timeOf(125)).toBeCloseTo(5_000, 9);
    const down = rateCurve(linear(100, 0, 10_000));
    expect(down.countAt(5_000)).toBeCloseTo(375, 9);
    expect(down.timeOf(375)).toBeCloseTo(5_000, 9);
  });

  it('halves in every half-life, and has an end that it never reaches', () => {
    const burst = rateCurve(decay(1_000, 2_000, 60_000));
    const inFirst = burst.countAt(2_000);
    expect(inFirst).toBeCloseTo(1_000 / Math.LN2, 6);
    expect((burst.countAt(4_000) - inFirst) / inFirst).toBeCloseTo(0.5, 9);
    expect(burst.timeOf(2_000 / Math.LN2 + 1)).toBe(Infinity);
  });

  it('lets nobody arrive in a pause: who is next comes after it', () => {
    const paused = rateCurve(linear(10, 10, 1_000), linear(0, 0, 1_000), linear(10, 10, 1_000));
    expect(paused.timeOf(9)).toBeCloseTo(900, 9);
    expect(paused.timeOf(10)).toBeCloseTo(2_000, 9);
    expect(paused.countAt(1_500)).toBeCloseTo(10, 9);
    expect(paused.countAt(99_999)).toBeCloseTo(20, 9);
    expect(paused.peakRate).toBe(10);
  });
});

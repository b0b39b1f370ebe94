import { assert } from '../../kernel/assert.ts';

const MS_PER_S = 1_000;

/** A part of a curve: its rate over time, integrated, and that integral's exact inverse. Times are from its begin. */
interface Stretch {
  readonly durationMs: number;
  /** The highest rate in it, per second. */
  readonly peakRate: number;
  /** Arrivals up to a time. */
  countAt(ms: number): number;
  /** When the count is reached, in ms: the inverse. Infinity if never. */
  timeOf(count: number): number;
}

/** The rate goes from one value to another in a straight line. */
export const linear = (fromRate: number, toRate: number, durationMs: number): Stretch => {
  const slope = fromRate === toRate ? 0 : (toRate - fromRate) / (durationMs / MS_PER_S);
  return {
    durationMs,
    peakRate: Math.max(fromRate, toRate),
    countAt(ms) {
      const seconds = ms / MS_PER_S;
      return seconds * (fromRate + (slope * seconds) / 2);
    },
    timeOf(count) {
      if (count <= 0) return 0;
      if (slope === 0) return (count * MS_PER_S) / fromRate;
      // The root of the quadratic in the form that loses no digits when the slope is small.
      const rate = Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slope * count));
      return (2 * count * MS_PER_S) / (fromRate + rate);
    },
  };
};

/** The rate halves with every `halfLifeMs`. */
export const decay = (fromRate: number, halfLifeMs: number, durationMs: number): Stretch => {
  const meanLifeMs = halfLifeMs / Math.LN2;
  /** As time goes on for ever. */
  const limit = (fromRate * meanLifeMs) / MS_PER_S;
  return {
    durationMs,
    peakRate: fromRate,
    countAt: (ms) => -limit * Math.expm1(-ms / meanLifeMs),
    timeOf: (count) => (count < limit ? -meanLifeMs * Math.log1p(-count / limit) : Infinity),
  };
};

/** A rate over time, as what has arrived by when. Times are in ms from the begin of the load. */
export interface RateCurve {
  readonly durationMs: number;
  /** The highest rate, per second. */
  readonly peakRate: number;
  /** How many have arrived by a time: a count with fractions, from 0. */
  countAt(ms: number): number;
  /** When a count is reached. Beyond the end of the curve it may be any time after that end. */
  timeOf(count: number): number;
}

/** Joins stretches of time to a curve. */
export const rateCurve = (...stretches: readonly Stretch[]): RateCurve => {
  assert(stretches.length > 0, 'a curve has a stretch');
  let fromMs = 0;
  let fromCount = 0;
  const parts = stretches.map((stretch) => {
    const part = { stretch, fromMs, fromCount };
    fromMs += stretch.durationMs;
    fromCount += stretch.countAt(stretch.durationMs);
    return { ...part, untilMs: fromMs, untilCount: fromCount };
  });
  const last = parts.at(-1)!;
  return {
    durationMs: fromMs,
    peakRate: Math.max(...stretches.map(({ peakRate }) => peakRate)),
    countAt(ms) {
      const part = parts.find(({ untilMs }) => ms < untilMs) ?? last;
      return part.fromCount + part.stretch.countAt(Math.min(ms, fromMs) - part.fromMs);
    },
    timeOf(count) {
      const part = parts.find(({ untilCount }) => count < untilCount);
      if (part === undefined) return last.fromMs + last.stretch.timeOf(count - last.fromCount);
      // What belongs to this stretch is not rounded beyond it.
      const ms = part.stretch.timeOf(count - part.fromCount);
      return part.fromMs + Math.min(ms, part.stretch.durationMs);
    },
  };
};

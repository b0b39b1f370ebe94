import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelAt, peakVus, spansOf, type VuLevels } from '../../../../src/scenarios/executors/levels.ts';

const levels = fc
  .tuple(
    fc.nat({ max: 30 }),
    fc.array(fc.tuple(fc.nat({ max: 30 }), fc.constantFrom(0, 1, 700, 1_000, 60_000)), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([start, stages]): VuLevels =>
    stages.map(([toVus, durationMs], index) => ({
      fromVus: stages[index - 1]?.[0] ?? start,
      toVus,
      durationMs,
    })),
  );

describe('the spans of virtual users', () => {
  it('add up to the level at every time', () => {
    fc.assert(
      fc.property(levels, fc.double({ min: 0, max: 1, noNaN: true }), (stretches, part) => {
        const endMs = stretches.reduce((sum, { durationMs }) => sum + durationMs, 0);
        const ms = part * endMs;
        const level = levelAt(stretches, ms);
        // At a whole level a user is just coming or going.
        fc.pre(Math.abs(level - Math.round(level)) > 1e-6 || stretches.every((s) => s.fromVus === s.toVus));
        fc.pre(ms < endMs);
        const atWork = [...spansOf(stretches)].filter(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs);
        expect(atWork.map(({ vu }) => vu).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: Math.ceil(level) }, (_, vu) => vu),
        );
      }),
    );
  });

  it('come in the order of their beginning, and each has a length', () => {
    fc.assert(
      fc.property(levels, (stretches) => {
        let lastMs = 0;
        for (const { vu, fromMs, untilMs } of spansOf(stretches)) {
          expect(vu).toBeLessThan(peakVus(stretches));
          expect(fromMs).toBeGreaterThanOrEqual(lastMs);
          expect(untilMs).toBeGreaterThanOrEqual(fromMs);
          lastMs = fromMs;
        }
      }),
    );
  });

  it('last for ever where nothing ends them', () => {
    expect([...spansOf([{ fromVus: 2, toVus: 2, durationMs: Infinity }])]).toEqual([
      { vu: 0, fromMs: 0, untilMs: Infinity },
      { vu: 1, fromMs: 0, untilMs: Infinity },
    ]);
  });
});

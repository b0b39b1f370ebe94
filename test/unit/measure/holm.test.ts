import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holm } from '../../../src/measure/holm.ts';

const p = fc.double({ min: 0, max: 1, noNaN: true });

describe("Holm's correction", () => {
  test('agrees with a worked example', () => {
    // 0.01 x 4, 0.03 x 2 (after 0.02 x 3), as R's p.adjust gives them.
    const adjusted = holm([0.01, 0.04, 0.03, 0.02]);
    [0.04, 0.06, 0.06, 0.06].forEach((expected, index) => expect(adjusted[index]).toBeCloseTo(expected));
  });

  test('rejects exactly what stepping down rejects', () => {
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 6 }), p, (pValues, alpha) => {
        const sorted = pValues.toSorted((a, b) => a - b);
        let rejected = 0;
        while (rejected < sorted.length && sorted[rejected]! * (sorted.length - rejected) <= alpha)
          rejected += 1;
        // At alpha 1 everything is rejected: a p is no more than that.
        const expected = alpha === 1 ? sorted.length : rejected;
        expect(holm(pValues).filter((adjusted) => adjusted <= alpha)).toHaveLength(expected);
      }),
    );
  });

  test('never makes a p smaller, and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 6 }), (pValues) => {
        const adjusted = holm(pValues);
        for (const [i, a] of pValues.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(a);
          for (const [j, b] of pValues.entries())
            if (a < b) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        }
      }),
    );
  });
});

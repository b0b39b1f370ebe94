import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberIndex } from '../../../src/audit/number-index.ts';

test('numbers values in the order of their first coming, as a Map does', () => {
  const value = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: 0, max: 9 }),
    fc.nat().map((n) => n * 2 ** 32),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), (values) => {
      const index = new NumberIndex(values.length);
      const model = new Map<number, number>();
      for (const each of values) {
        if (!model.has(each)) model.set(each, model.size);
        expect(index.add(each)).toBe(model.get(each));
      }
      expect(index.size).toBe(model.size);
      expect(Array.from(model.values(), (position) => index.value(position))).toEqual([...model.keys()]);
    }),
  );
});

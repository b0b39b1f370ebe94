import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberedRing } from '../../../src/kernel/numbered-ring.ts';

describe('NumberedRing', () => {
  it('behaves like a map with growing keys', () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: 'add' as const, number: 0 }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('take' as const), number: fc.integer({ max: 99 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeUpTo' as const), number: fc.nat(99) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const ring = new NumberedRing<string>();
        const model = new Map<number, string>();
        let last = 0;
        const takeUpTo = (number: number) => {
          const keys = [...model.keys()].filter((key) => key <= number);
          const values = keys.map((key) => model.get(key));
          for (const key of keys) model.delete(key);
          return values;
        };
        for (const { kind, number } of operations) {
          if (kind === 'add') {
            last += 1;
            model.set(last, `value ${last}`);
            expect(ring.add(`value ${last}`)).toBe(last);
          } else if (kind === 'take') {
            expect(ring.get(number)).toBe(model.get(number));
            expect(ring.take(number)).toBe(model.get(number));
            model.delete(number);
          } else expect(ring.takeUpTo(number)).toEqual(takeUpTo(number));
          const [oldest] = model.keys();
          expect([ring.size, ring.span]).toEqual([model.size, oldest === undefined ? 0 : last + 1 - oldest]);
          expect([...ring.values()]).toEqual([...model.values()]);
        }
      }),
    );
  });

  it('counts from 1 again after all were taken', () => {
    const ring = new NumberedRing<string>();
    for (let count = 0; count < 40; count += 1) ring.add(`value ${count}`);
    ring.takeUpTo(38);
    expect(ring.takeAll()).toEqual(['value 38', 'value 39']);
    expect([ring.next, ring.add('again'), ring.size]).toEqual([1, 1, 1]);
  });
});

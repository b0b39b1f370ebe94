import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from '../../../src/kernel/deque.ts';

describe('Deque', () => {
  it('behaves like an array', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), value: fc.integer() }),
      fc.record({ kind: fc.constant('unshift' as const), value: fc.integer() }),
      fc.record({ kind: fc.constant('shift' as const) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const deque = new Deque<number>();
        const model: number[] = [];
        for (const step of operations) {
          if (step.kind === 'shift') expect(deque.shift()).toBe(model.shift());
          else {
            deque[step.kind](step.value);
            model[step.kind](step.value);
          }
          expect([deque.length, deque.first()]).toEqual([model.length, model[0]]);
        }
        expect(model.map(() => deque.shift())).toEqual(model);
      }),
    );
  });

  it('is empty after it was cleared', () => {
    const deque = new Deque<number>();
    for (let value = 0; value < 100; value += 1) deque.push(value);
    deque.clear();
    expect([deque.length, deque.first(), deque.shift()]).toEqual([0, undefined, undefined]);
  });
});

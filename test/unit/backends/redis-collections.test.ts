import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deque } from '../../../src/backends/simulated/redis/deque.ts';
import { SortedSet } from '../../../src/backends/simulated/redis/sorted-set.ts';

test('a deque is a list, whatever is done to it', () => {
  const step = fc.constantFrom('pushFront', 'pushBack', 'popFront', 'popBack');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const deque = new Deque();
      const list: string[] = [];
      for (const [index, name] of steps.entries()) {
        const item = String(index);
        switch (name) {
          case 'pushFront':
            deque.pushFront(item);
            list.unshift(item);
            break;
          case 'pushBack':
            deque.pushBack(item);
            list.push(item);
            break;
          case 'popFront':
          case 'popBack':
            expect(deque[name]()).toBe(name === 'popFront' ? list.shift() : list.pop());
        }
        expect(deque.length).toBe(list.length);
      }
      expect(deque.slice(0, deque.length)).toEqual(list);
      expect(deque.slice(1, 3)).toEqual(list.slice(1, 3));
    }),
  );
});

test('a sorted set is sorted by score, then by member', () => {
  const change = fc.record({
    member: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    score: fc.option(fc.integer({ min: -2, max: 2 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const set = new SortedSet();
      const scores = new Map<string, number>();
      for (const { member, score } of changes) {
        if (score === undefined) {
          expect(set.delete(member)).toBe(scores.delete(member));
        } else {
          set.set(member, score);
          scores.set(member, score);
        }
      }
      const expected = [...scores]
        .map(([member, score]) => ({ member, score }))
        .toSorted((a, b) => a.score - b.score || (a.member < b.member ? -1 : 1));
      expect(set.slice(0, set.size)).toEqual(expected);
      expect(set.countBelow(0, false)).toBe(expected.filter(({ score }) => score < 0).length);
      expect(set.countBelow(0, true)).toBe(expected.filter(({ score }) => score <= 0).length);
    }),
  );
});

import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/kernel/random.ts';
import { roundOrder } from '../../../src/run/round-order.ts';

describe('the order of rounds', () => {
  test('every arm runs once a round', () => {
    for (const order of roundOrder(7, 5, new SeededRandom(1)))
      expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('each second round is the one before it, backwards', () => {
    const orders = roundOrder(6, 4, new SeededRandom(2));
    expect(orders).toHaveLength(4);
    expect(orders[1]).toEqual(orders[0]!.toReversed());
    expect(orders[3]).toEqual(orders[2]!.toReversed());
  });

  test('a steady drift costs every arm the same over a pair of rounds', () => {
    const cost = [0, 0, 0, 0, 0];
    for (const [place, arm] of roundOrder(5, 2, new SeededRandom(4)).flat().entries()) cost[arm]! += place;
    expect(new Set(cost).size).toBe(1);
  });

  test('the seed decides', () => {
    expect(roundOrder(8, 3, new SeededRandom(5))).toEqual(roundOrder(8, 3, new SeededRandom(5)));
    expect(roundOrder(8, 3, new SeededRandom(5))).not.toEqual(roundOrder(8, 3, new SeededRandom(6)));
  });
});

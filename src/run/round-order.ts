import type { Random } from '../kernel/random.ts';

/**
 * In which order `count` arms run in each round. Every arm runs once a round; rounds come in pairs, the second one
 * backwards, so that a machine that slowly warms up or slows down favours none (the ABBA design).
 */
export const roundOrder = (count: number, rounds: number, random: Random): readonly (readonly number[])[] => {
  const orders: number[][] = [];
  while (orders.length < rounds) {
    const order = shuffle(count, random);
    orders.push(order, order.toReversed());
  }
  return orders.slice(0, rounds);
};

/** Fisher and Yates's shuffle of 0, 1, 2… */
const shuffle = (count: number, random: Random): number[] => {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
};

import type { StockStrategy } from '../../engine/stock/port.ts';
import { linesOf, placedOrder } from '../orders.ts';
import { type Property, same } from '../property.ts';
import { openStock, openStocks, tallyOf } from './open.ts';

const SOLD = { reserved: 50, 'sold-out': 150 };

/** 200 customers at two nodes want one of 50 units each. */
const noOversell: Property<StockStrategy> = {
  name: '200 callers for 50 units: 50 have one',
  async check(strategy, space) {
    const nodes = await openStocks(strategy, space, { units: [50], nodes: 2 });
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) => nodes[i % 2]!.reserve(placedOrder(i + 1))),
    );
    same(tallyOf(outcomes), SOLD, 'what 200 callers were told');
    same(await nodes[0]!.bare.levels(), [0], 'the units left');
  },
};

const limited: Property<StockStrategy> = {
  name: 'a user takes no more of a product than the limit',
  async check(strategy, space) {
    const stock = await openStock(strategy, space, { units: [50, 50], limitPerUser: 3 });
    const order = (orderId: number, user: number, ...units: number[]) =>
      stock.reserve(placedOrder(orderId, { user, lines: linesOf(...units) }));
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => order(i + 1, 7, 1)));
    same(tallyOf(outcomes), { reserved: 3, 'limit-reached': 7 }, 'ten orders of one user with a limit of 3');
    same(await order(11, 7, 0, 3), { kind: 'reserved' }, 'three units of another product');
    same(await order(12, 7, 0, 1), { kind: 'limit-reached', sku: 1 }, 'a fourth unit of it');
    same(await order(13, 8, 4), { kind: 'limit-reached', sku: 0 }, "another user's four units at once");
    same(await order(14, 8, 3), { kind: 'reserved' }, "another user's three units");
    same(await stock.bare.levels(), [44, 47], 'the units left');
  },
};

const wholeOrNot: Property<StockStrategy> = {
  name: 'an order of several lines is taken whole or not at all',
  async check(strategy, space) {
    const stock = await openStock(strategy, space, { units: [5, 5, 1] });
    const tooMuch = await stock.reserve(placedOrder(1, { lines: linesOf(2, 2, 2) }));
    same(tooMuch, { kind: 'sold-out', sku: 2 }, 'an order of which one line is too much');
    same(await stock.bare.levels(), [5, 5, 1], 'the units left after it');
    const fitting = await stock.reserve(placedOrder(1, { lines: linesOf(2, 5, 1) }));
    same(fitting, { kind: 'reserved' }, 'the same order with less');
    same(await stock.bare.levels(), [3, 0, 0], 'the units left after that');
  },
};

const sameKeyInTurn: Property<StockStrategy> = {
  name: 'the same key is the same order, asked one after the other',
  async check(strategy, space) {
    const stock = await openStock(strategy, space, { units: [5] });
    same(await stock.reserve(placedOrder(1)), { kind: 'reserved' }, 'an order');
    const again = await stock.reserve({ ...placedOrder(1), orderId: 2 });
    same(again, { kind: 'duplicate', orderId: 1 }, 'the same key again');
    same(await stock.bare.levels(), [4], 'the units left');
  },
};

const sameKeyAtOnce: Property<StockStrategy> = {
  name: 'the same key is the same order, asked at once on two nodes',
  async check(strategy, space) {
    const nodes = await openStocks(strategy, space, { units: [50], nodes: 2 });
    for (let key = 1; key <= 10; key += 1) {
      const orders = [2 * key, 2 * key + 1].map((orderId) => placedOrder(orderId, { key, user: key }));
      const outcomes = await Promise.all(orders.map((order, i) => nodes[i]!.reserve(order)));
      same(tallyOf(outcomes), { reserved: 1, duplicate: 1 }, 'one key on two nodes at once');
      const winner = orders[outcomes.findIndex(({ kind }) => kind === 'reserved')]!;
      const loser = outcomes.find(({ kind }) => kind === 'duplicate');
      same(loser, { kind: 'duplicate', orderId: winner.orderId }, 'the order of the second');
    }
    same(await nodes[0]!.bare.levels(), [40], 'the units left after ten keys');
  },
};

const anyRequestOfKey: Property<StockStrategy> = {
  name: 'a key is known whatever comes with it',
  exempt: ({ guarantees }) =>
    guarantees.idempotent === 'same-request'
      ? 'it promises that only for repetitions with the same user and lines'
      : undefined,
  async check(strategy, space) {
    const stock = await openStock(strategy, space, { units: [5, 5] });
    await stock.reserve(placedOrder(1));
    const other = placedOrder(2, { key: placedOrder(1).key, user: 7, lines: linesOf(0, 2) });
    same(await stock.reserve(other), { kind: 'duplicate', orderId: 1 }, 'a known key with another request');
    same(await stock.bare.levels(), [4, 5], 'the units left');
  },
};

export const TAKING: readonly Property<StockStrategy>[] = [
  noOversell,
  limited,
  wholeOrNot,
  sameKeyInTurn,
  sameKeyAtOnce,
  anyRequestOfKey,
];

import { expect, test } from 'vitest';
import { stockAccounts } from '../../../src/audit/stock-accounts.ts';
import { History, order } from './history.ts';

const history = () =>
  new History([2, 5]).accept(order(1)).pay(order(1)).accept(order(2)).accept(order(3)).cancel(order(3));

test('each unit is available, reserved or sold; what was too much at the worst moment is oversold', () => {
  expect(stockAccounts(history().evidence({ stockLevels: [0, 5] }))).toEqual([
    { sku: 0, initial: 2, available: 0, reserved: 1, sold: 1, oversold: 1 },
    { sku: 1, initial: 5, available: 5, reserved: 0, sold: 0, oversold: 0 },
  ]);
});

test('what only customers know of is oversold too, but neither reserved nor sold', () => {
  const evidence = history().tell('accepted', order(4)).tell('accepted', order(5)).evidence();
  expect(stockAccounts(evidence)[0]).toMatchObject({ reserved: 1, sold: 1, oversold: 2 });
});

test('a witness that was not heard leaves null, unless another has the proof', () => {
  const unread = { ledger: undefined, stockLevels: undefined };
  const silent = { available: null, reserved: null, sold: null };
  expect(stockAccounts(history().evidence(unread))).toEqual([
    { sku: 0, initial: 2, ...silent, oversold: null },
    { sku: 1, initial: 5, ...silent, oversold: null },
  ]);
  const evidence = history().tell('accepted', order(4)).evidence(unread);
  expect(stockAccounts(evidence)[0]).toEqual({ sku: 0, initial: 2, ...silent, oversold: 1 });
});

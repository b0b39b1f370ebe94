import { beforeEach, expect, test } from 'vitest';
import { DELETED, type StoredRow } from '../../../src/backends/simulated/postgres/row.ts';
import { Table } from '../../../src/backends/simulated/postgres/table.ts';
import { Transaction } from '../../../src/backends/simulated/postgres/transaction.ts';
import type { Values } from '../../../src/backends/simulated/postgres/values.ts';

let table: Table;

beforeEach(() => {
  table = new Table({
    name: 't',
    columns: { id: 'integer', name: 'text' },
    primaryKey: ['id'],
    unique: [['name']],
  });
});

const change = (how: 'committed' | 'rolled-back', work: (transaction: Transaction) => void): void => {
  const transaction = new Transaction();
  work(transaction);
  transaction.end(how);
};

const write = (transaction: Transaction, row: StoredRow, ...versions: Values[]): void => {
  row.lock(transaction);
  for (const values of versions) table.write(row, values);
};

/** In how many indexes each version of a row is found. */
const found = (...versions: Values[]): number[] =>
  versions.map((values) => table.indexes.filter((index) => index.find(values).length > 0).length);

test('indexes hold the versions that somebody may see, and no others', () => {
  change('committed', (transaction) => table.insert([1, 'a'], transaction));
  const row = table.rows.at(0);
  change('rolled-back', (transaction) => {
    write(transaction, row, [2, 'b'], [3, 'c']);
    expect(found([1, 'a'], [2, 'b'], [3, 'c'])).toEqual([2, 0, 2]);
  });
  expect(found([1, 'a'], [3, 'c'])).toEqual([2, 0]);
  change('committed', (transaction) => write(transaction, row, [2, 'b'], [1, 'c']));
  expect(found([1, 'c'], [2, 'b'], [9, 'a'])).toEqual([2, 0, 0]);
  change('rolled-back', (transaction) => write(transaction, row, [2, 'b'], DELETED));
  expect(found([1, 'c'], [2, 'b'])).toEqual([2, 0]);
  change('committed', (transaction) => write(transaction, row, DELETED));
  expect(found([1, 'c'])).toEqual([0]);
});

test('a row that was never committed leaves nothing', () => {
  change('rolled-back', (transaction) => table.insert([1, 'a'], transaction));
  change('committed', (transaction) => {
    table.insert([2, 'b'], transaction);
    write(transaction, table.rows.at(1), DELETED);
  });
  expect(found([1, 'a'], [2, 'b'])).toEqual([0, 0]);
  expect([0, 1].map((index) => table.rows.at(index).isGone)).toEqual([true, true]);
});

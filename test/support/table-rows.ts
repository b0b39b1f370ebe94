import type { Columns, ColumnTable, RowOf } from '../../src/kernel/columns.ts';

/** The rows of a table as objects. */
export const tableRows = <C extends Columns>(table: ColumnTable<C>): RowOf<C>[] => {
  const all: RowOf<C>[] = [];
  for (const { rows, columns } of table.blocks()) {
    const arrays = Object.entries<ArrayLike<number>>(columns);
    for (let index = 0; index < rows; index += 1)
      all.push(Object.fromEntries(arrays.map(([name, array]) => [name, array[index]])) as RowOf<C>);
  }
  return all;
};

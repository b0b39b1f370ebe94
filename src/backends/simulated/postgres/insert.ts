import type { Row } from '../../ports.ts';
import { rowsToInsert, type StatementOf } from '../../statements.ts';
import { duplicateKey, tableOf, violation, type Execution, type Steps } from './steps.ts';
import { coerce } from './values.ts';

/** Row by row, as the server does: a row that fails has spent the serials of those before it. */
export function* insert(execution: Execution, statement: StatementOf<'insert'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const rowCount = rowsToInsert(statement.columns);
  const columns = Object.entries(statement.columns).map(([name, given]) => {
    const position = table.position(name);
    return { position, values: given.map((value) => coerce(table.types[position]!, value)) };
  });
  const serials = table.serialsBeside(columns.map(({ position }) => position));
  const project = table.projection(statement.returning ?? []);
  const rows: Row[] = [];
  let count = 0;
  for (let i = 0; i < rowCount; i += 1) {
    const values = table.blank();
    for (const { position, values: given } of columns) values[position] = given[i]!;
    for (const position of serials) values[position] = table.nextSerial(position);
    table.checkRequired(values);
    const constraint = yield* violation(table, values, transaction);
    if (constraint !== undefined) {
      if (statement.onConflict === 'ignore') continue;
      throw duplicateKey(constraint);
    }
    table.insert(values, transaction);
    count += 1;
    if (statement.returning !== undefined) rows.push(project(values));
  }
  return { rows, count };
}

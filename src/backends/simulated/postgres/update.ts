import type { Row } from '../../ports.ts';
import type { StatementOf } from '../../statements.ts';
import { DELETED } from './row.ts';
import { scan } from './scan.ts';
import { duplicateKey, lockRow, tableOf, violation, type Execution, type Steps } from './steps.ts';
import type { Table } from './table.ts';
import { adder, coerce } from './values.ts';
import { bindWhere, type Condition } from './where.ts';

/** The rows an update or a delete is about: what matches now, before any of them is changed. */
const targets = ({ transaction, random }: Execution, table: Table, conditions: readonly Condition[]) => [
  ...scan(table, conditions, transaction, { ordered: false, random }),
];

const assignments = (table: Table, set: StatementOf<'update'>['set']) =>
  Object.entries(set).map(([column, value]) => {
    const position = table.position(column);
    const type = table.types[position]!;
    if (typeof value === 'object' && value !== null) {
      return { position, next: adder(type, value.add) };
    }
    const constant = coerce(type, value);
    return { position, next: () => constant };
  });

export function* update(execution: Execution, statement: StatementOf<'update'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const changes = assignments(table, statement.set);
  const conditions = bindWhere(table, statement.where);
  const project = table.projection(statement.returning ?? []);
  const rows: Row[] = [];
  let count = 0;
  for (const row of targets(execution, table, conditions)) {
    const present = yield* lockRow(row, conditions, transaction);
    if (present === undefined) continue;
    const values = present.slice();
    for (const { position, next } of changes) values[position] = next(present[position]!);
    table.checkRequired(values);
    const constraint = yield* violation(table, values, transaction, row);
    if (constraint !== undefined) throw duplicateKey(constraint);
    table.write(row, values);
    count += 1;
    if (statement.returning !== undefined) rows.push(project(values));
  }
  return { rows, count };
}

export function* remove(execution: Execution, statement: StatementOf<'delete'>): Steps {
  const { transaction } = execution;
  const table = tableOf(execution, statement.table);
  const conditions = bindWhere(table, statement.where);
  let count = 0;
  for (const row of targets(execution, table, conditions)) {
    const present = yield* lockRow(row, conditions, transaction);
    if (present === undefined) continue;
    table.write(row, DELETED);
    count += 1;
  }
  return { rows: [], count };
}

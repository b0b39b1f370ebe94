import { describeLoad } from './executors/index.ts';
import type { Scenario } from './schema.ts';
import { countOf } from './wording.ts';

/** One line for each scenario: name, load, description. */
export const renderScenarioList = (scenarios: Readonly<Record<string, Scenario>>): string => {
  const rows = Object.values(scenarios).map(({ name, load, description }) => [
    name,
    describeLoad(load),
    description,
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** What `scenarios validate` says of a file without problems. */
export const renderValidation = (path: string, scenarios: Readonly<Record<string, Scenario>>): string => {
  const names = Object.keys(scenarios);
  return `${path}: ${countOf(names.length, 'valid scenario')}: ${names.join(', ')}`;
};

import { formatDuration } from '../kernel/units.ts';
import type { LoadConfig, Scenario } from './schema.ts';

const count = (amount: number, noun: string): string =>
  `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;

/** A load in a few words: `400/s for 10.0s`, `50 VUs for 30.0s or 1,000 iterations`. */
export const describeLoad = (load: LoadConfig): string => {
  if (load.executor === 'constant-arrival-rate') {
    return `${load.rate.toLocaleString('en-US')}/s for ${formatDuration(load.durationMs)}`;
  }
  const ends = [
    ...(load.durationMs === undefined ? [] : [formatDuration(load.durationMs)]),
    ...(load.iterations === undefined ? [] : [count(load.iterations, 'iteration')]),
  ];
  return `${count(load.vus, 'VU')} for ${ends.join(' or ')}`;
};

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
  return `${path}: ${count(names.length, 'valid scenario')}: ${names.join(', ')}`;
};

import { vi } from 'vitest';

/** What the tests of a process share besides modules. */
export interface SharedState {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly listeners: Readonly<Record<string, number>>;
  readonly exitCode: typeof process.exitCode;
  readonly hasFakeTimers: boolean;
}

export const sharedState = (): SharedState => ({
  folder: process.cwd(),
  environment: { ...process.env },
  listeners: Object.fromEntries(
    process
      .eventNames()
      // Libraries listen to the exit when they are loaded.
      .filter((event) => event !== 'exit')
      .map((event) => [String(event), process.listenerCount(event)]),
  ),
  exitCode: process.exitCode,
  hasFakeTimers: vi.isFakeTimers(),
});

/** The keys whose values differ. */
const changedKeys = <V>(before: Readonly<Record<string, V>>, after: Readonly<Record<string, V>>): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);

/** What differs, by its name; never by its value, as an environment may hold secrets. */
export const traces = (before: SharedState, after: SharedState): string[] => [
  ...(before.folder === after.folder ? [] : ['the working folder']),
  ...changedKeys(before.environment, after.environment).map((name) => `the environment's ${name}`),
  ...changedKeys(before.listeners, after.listeners).map((event) => `listeners of the process to ${event}`),
  ...(before.exitCode === after.exitCode ? [] : ['the exit code']),
  ...(before.hasFakeTimers === after.hasFakeTimers ? [] : ['fake timers']),
];

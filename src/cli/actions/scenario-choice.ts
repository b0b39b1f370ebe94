import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { parseSetting, type Override } from '../../scenarios/changes.ts';
import type { SourceFile } from '../../scenarios/document.ts';
import { importStrategiesOf, resolveScenario } from '../../scenarios/overrides.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { FIELD_FLAGS, variableOf } from '../scenario-options.ts';

/**
 * The scenario of this name, with the changes that the command line and the environment make to it, and then those
 * of `further`. Strategies of the user's that it names are imported. `file`: another one than the command's.
 */
export const scenarioOf = async (
  command: Command,
  name: string,
  further: readonly Override[] = [],
  file = scenariosFileOf(command),
): Promise<Scenario> => {
  const overrides = FIELD_FLAGS.flatMap(([flag, , path]): Override[] => {
    const option = command.options.find(({ long }) => long === `--${flag}`)!;
    const value = command.getOptionValue(option.attributeName()) as string | undefined;
    if (value === undefined) return [];
    const fromEnv = command.getOptionValueSource(option.attributeName()) === 'env';
    return [{ path, value, from: fromEnv ? variableOf(flag) : `--${flag}` }];
  });
  const settings = (command.getOptionValue('set') as string[] | undefined) ?? [];
  const thresholds = (command.getOptionValue('threshold') as string[] | undefined) ?? [];
  const given = [
    ...overrides,
    ...settings.map(parseSetting),
    ...thresholds.map((value) => ({ path: 'thresholds', value, from: '--threshold', isFurther: true })),
  ];
  const changes = further.length === 0 ? given : wholeFirst([...given, ...further]);
  await importStrategiesOf(file, name, changes);
  return resolveScenario(file, name, changes);
};

/** A strategy that is varied keeps the options that are set for it: `engine.lock` comes before `engine.lock.ttlMs`. */
const wholeFirst = (changes: readonly Override[]): Override[] =>
  changes.toSorted((a, b) => a.path.split('.').length - b.path.split('.').length);

const BUILT_IN = fileURLToPath(new URL('../../../scenarios.yml', import.meta.url));

/** The scenarios file that a command is about: the one given, the one in this folder, or the built-in one. */
export const scenariosFileOf = (command: Command): SourceFile => readScenarios(scenariosPathOf(command));

export const scenariosPathOf = (command: Command): string => {
  const given = command.getOptionValue('file') as string | undefined;
  return given ?? (existsSync('scenarios.yml') ? 'scenarios.yml' : BUILT_IN);
};

export const readScenarios = (path: string): SourceFile => {
  try {
    return { path: path === BUILT_IN ? 'scenarios.yml' : path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw usageError(
      `the scenarios file ${path} cannot be read: ${messageOf(error)}`,
      'Name one with --file.',
      error,
    );
  }
};

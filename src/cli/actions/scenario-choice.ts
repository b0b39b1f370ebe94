import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { parseSetting, type Override } from '../../scenarios/changes.ts';
import { resolveScenario } from '../../scenarios/overrides.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { FIELD_FLAGS, variableOf } from '../scenario-options.ts';

/**
 * The scenario of this name, with the changes that the command line and the environment make to it, and then those
 * of `further`.
 */
export const scenarioOf = (command: Command, name: string, further: readonly Override[] = []): Scenario => {
  const overrides = FIELD_FLAGS.flatMap(([flag, , path]): Override[] => {
    const option = command.options.find(({ long }) => long === `--${flag}`)!;
    const value = command.getOptionValue(option.attributeName()) as string | undefined;
    if (value === undefined) return [];
    const fromEnv = command.getOptionValueSource(option.attributeName()) === 'env';
    return [{ path, value, from: fromEnv ? variableOf(flag) : `--${flag}` }];
  });
  const settings = (command.getOptionValue('set') as string[] | undefined) ?? [];
  return resolveScenario(scenariosFileOf(command), name, [
    ...overrides,
    ...settings.map(parseSetting),
    ...further,
  ]);
};

const BUILT_IN = fileURLToPath(new URL('../../../scenarios.yml', import.meta.url));

/** The scenarios file that a command is about: the one given, the one in this folder, or the built-in one. */
export const scenariosFileOf = (command: Command): { path: string; text: string } => {
  const given = command.getOptionValue('file') as string | undefined;
  const path = given ?? (existsSync('scenarios.yml') ? 'scenarios.yml' : BUILT_IN);
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

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { messageOf, usageError } from '../kernel/errors.ts';
import { parseSetting, type Override } from '../scenarios/changes.ts';
import { resolveScenario } from '../scenarios/overrides.ts';
import type { Scenario } from '../scenarios/schema.ts';

/** Flags that set one field of the scenario: name, argument, path, meaning. */
const FIELD_FLAGS = [
  ['lock', 'name', 'engine.lock', 'lock strategy: trade-sim strategies list'],
  ['stock', 'name', 'engine.stock', 'stock strategy'],
  ['cache', 'name', 'engine.cache', 'cache strategy'],
  ['queue', 'name', 'engine.queue', 'queue strategy'],
  ['nodes', 'count', 'engine.nodes', 'engine nodes, a worker thread each'],
  ['executor', 'name', 'load.executor', 'constant-vus or constant-arrival-rate'],
  ['vus', 'count', 'load.vus', 'virtual users of a closed load'],
  ['rate', 'rate', 'load.rate', 'iterations started per unit of time in an open load: 500/s'],
  ['max-vus', 'count', 'load.maxVus', 'iterations under way at once in an open load'],
  ['duration', 'time', 'load.duration', 'how long the load lasts: 30s'],
  ['iterations', 'count', 'load.iterations', 'iterations of a closed load, over all virtual users'],
  ['warmup', 'time', 'load.warmup', 'load before the measured part'],
  ['seed', 'number', 'seed', 'chooses the random sequence of all customers'],
] as const;

const variableOf = (flag: string): string => `TRADE_SIM_${flag.toUpperCase().replaceAll('-', '_')}`;

/** The flags that choose a scenario's file and change its fields. */
export const addScenarioOptions = (command: Command): Command => {
  addFileOption(command);
  for (const [flag, argument, path, meaning] of FIELD_FLAGS) {
    command.addOption(
      new Option(`--${flag} <${argument}>`, `${meaning} (sets ${path})`).env(variableOf(flag)),
    );
  }
  return command.addOption(
    new Option('--set <path=value>', 'set any field of the scenario; may be given often').argParser(
      (text: string, before: Override[] | undefined) => [...(before ?? []), parseSetting(text)],
    ),
  );
};

export const addFileOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '-f, --file <path>',
      'scenarios file (default: scenarios.yml here, else the built-in one)',
    ).env('TRADE_SIM_FILE'),
  );

/** The scenario of this name, with the changes that the command line and the environment make to it. */
export const scenarioOf = (command: Command, name: string): Scenario => {
  const overrides = FIELD_FLAGS.flatMap(([flag, , path]): Override[] => {
    const option = command.options.find(({ long }) => long === `--${flag}`)!;
    const value = command.getOptionValue(option.attributeName()) as string | undefined;
    if (value === undefined) return [];
    const fromEnv = command.getOptionValueSource(option.attributeName()) === 'env';
    return [{ path, value, from: fromEnv ? variableOf(flag) : `--${flag}` }];
  });
  const settings = (command.getOptionValue('set') as Override[] | undefined) ?? [];
  return resolveScenario(scenariosFileOf(command), name, [...overrides, ...settings]);
};

const BUILT_IN = fileURLToPath(new URL('../../scenarios.yml', import.meta.url));

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

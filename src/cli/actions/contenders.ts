import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { NODES_FIELD } from '../../report/comparison/scalability.ts';
import type { Contender } from '../../run/compare.ts';
import type { Override } from '../../scenarios/changes.ts';
import { readPlan, type Plan, type PlannedCombination } from '../../scenarios/plan-file.ts';
import { problemsError } from '../../scenarios/problems.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { FIELD_FLAGS } from '../scenario-options.ts';
import { scenarioOf } from './scenario-choice.ts';

const MAX_COMBINATIONS = 100;

/** What is to be compared, as the command line says it. */
export interface Variation {
  /** Each `field=a,b,c`. */
  readonly vary?: readonly string[];
  readonly plan?: string;
}

const PATHS: Readonly<Record<string, string>> = Object.fromEntries(
  FIELD_FLAGS.map(([flag, , path]) => [flag, path]),
);

const UNPLANNED: Plan = { combinations: [{ name: '', overrides: [], shown: {} }], problems: [] };

/**
 * Every combination of the plan with every one of what is varied, validated: throws one usage error that tells the
 * problems of all of them.
 */
export const contendersOf = async (
  command: Command,
  name: string,
  { vary = [], plan: planPath }: Variation,
): Promise<Contender[]> => {
  const dimensions = [...vary.map(dimensionOf), ...nodesDimension(command)];
  if (dimensions.length === 0 && planPath === undefined)
    throw usageError(
      'there is nothing to compare',
      'Vary something (--vary lock=setnx,token, --nodes 1,2,4), or list combinations in a file (--plan FILE).',
    );
  const plan = planPath === undefined ? UNPLANNED : readPlan(readPlanFile(planPath), PATHS);
  const varied = cross(dimensions);
  const count = plan.combinations.length * varied.length;
  if (count > MAX_COMBINATIONS)
    throw usageError(`${count} combinations are too many`, `Vary less: ${MAX_COMBINATIONS} at most.`);

  const problems = new Set<string>();
  const contenders: Contender[] = [];
  if (plan.problems.length > 0) problems.add(problemsError(plan.problems).message);
  for (const planned of plan.combinations)
    for (const overrides of varied) {
      try {
        const scenario = await scenarioOf(command, name, [...planned.overrides, ...overrides]);
        contenders.push(contenderOf(planned, overrides, scenario));
      } catch (error) {
        for (const line of messageOf(error).split('\n')) problems.add(line);
      }
    }
  if (problems.size > 0) throw usageError([...problems].join('\n'), 'Nothing was started.');
  return contenders;
};

const readPlanFile = (path: string) => {
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw usageError(
      `the plan ${path} cannot be read: ${messageOf(error)}`,
      'See docs/comparison.md.',
      error,
    );
  }
};

/** `lock=setnx,token` as one override for each value. */
const dimensionOf = (text: string): Override[] => {
  const [field = '', list = ''] = text.split(/=(.*)/s);
  const values = list.split(',').map((value) => value.trim());
  if (field === '' || values.includes(''))
    throw usageError(`--vary ${text} varies nothing`, 'Write --vary field=a,b: --vary lock=setnx,token.');
  return values.map((value) => ({ path: PATHS[field] ?? field, value, from: '--vary' }));
};

/** `--nodes 1,2,4` varies; taken from the flag, which would be no single number. */
const nodesDimension = (command: Command): Override[][] => {
  const nodes = command.getOptionValue('nodes') as string | undefined;
  if (nodes === undefined || !nodes.includes(',')) return [];
  command.setOptionValue('nodes', undefined);
  return [nodes.split(',').map((value) => ({ path: NODES_FIELD, value: value.trim(), from: '--nodes' }))];
};

const cross = (dimensions: readonly (readonly Override[])[]): Override[][] =>
  dimensions.reduce<Override[][]>(
    (sofar, dimension) => sofar.flatMap((overrides) => dimension.map((override) => [...overrides, override])),
    [[]],
  );

const contenderOf = (
  { name, shown }: PlannedCombination,
  overrides: readonly Override[],
  scenario: Scenario,
): Contender => {
  const varied = Object.entries(choicesOf(overrides, scenario));
  const wordsOf = (choices: typeof varied) =>
    [...(name === '' ? [] : [name]), ...choices.map(([path, value]) => inWords(path, value))].join(' · ');
  return {
    label: wordsOf(varied),
    design: wordsOf(varied.filter(([path]) => path !== NODES_FIELD)),
    choices: { ...shown, ...Object.fromEntries(varied) },
    scenario,
  };
};

/** What was varied, as given; strategies by their names, which is not what those of the user's are chosen by. */
const choicesOf = (
  overrides: readonly Override[],
  { engine }: Scenario,
): Readonly<Record<string, string>> => {
  const names: Readonly<Record<string, string>> = {
    'engine.lock': engine.lock.name,
    'engine.stock': engine.stock.name,
    'engine.cache': engine.cache.name,
    'engine.queue': engine.queue.name,
  };
  return Object.fromEntries(overrides.map(({ path, value }) => [path, names[path] ?? value]));
};

/** A strategy's name speaks for itself; any other value needs its field beside it: `vus 200`. */
const inWords = (path: string, value: string): string =>
  /^engine\.(?:lock|stock|cache|queue)$/.test(path) ? value : `${path.split('.').at(-1)} ${value}`;

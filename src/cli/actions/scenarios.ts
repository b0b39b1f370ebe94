import type { Command } from 'commander';
import { renderScenario } from '../../scenarios/effective.ts';
import { loadFeeds } from '../../scenarios/feeders/load-feeds.ts';
import { scenariosJsonSchema } from '../../scenarios/json-schema.ts';
import { renderScenarioList, renderValidation } from '../../scenarios/listing.ts';
import { importAllStrategies, loadScenarios } from '../../scenarios/load-file.ts';
import { scenarioOf, scenariosFileOf } from './scenario-choice.ts';

const load = async (command: Command) => {
  const file = scenariosFileOf(command);
  await importAllStrategies(file);
  return { path: file.path, ...loadScenarios(file.path, file.text) };
};

export const list = async (command: Command): Promise<string> =>
  renderScenarioList((await load(command)).scenarios);

export const show = async (command: Command, name: string): Promise<string> =>
  renderScenario(await scenarioOf(command, name));

export const validate = async (command: Command): Promise<string> => {
  const { path, scenarios } = await load(command);
  for (const scenario of Object.values(scenarios)) await loadFeeds(scenario);
  return renderValidation(path, scenarios);
};

export const schema = (): string => JSON.stringify(scenariosJsonSchema(), null, 2);

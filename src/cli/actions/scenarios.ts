import type { Command } from 'commander';
import { renderScenario } from '../../scenarios/effective.ts';
import { scenariosJsonSchema } from '../../scenarios/json-schema.ts';
import { renderScenarioList, renderValidation } from '../../scenarios/listing.ts';
import { loadScenarios } from '../../scenarios/load-file.ts';
import { scenarioOf, scenariosFileOf } from './scenario-choice.ts';

const load = (command: Command) => {
  const { path, text } = scenariosFileOf(command);
  return { path, ...loadScenarios(path, text) };
};

export const list = (command: Command): string => renderScenarioList(load(command).scenarios);

export const show = (command: Command, name: string): string => renderScenario(scenarioOf(command, name));

export const validate = (command: Command): string => {
  const { path, scenarios } = load(command);
  return renderValidation(path, scenarios);
};

export const schema = (): string => JSON.stringify(scenariosJsonSchema(), null, 2);

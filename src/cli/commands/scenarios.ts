import { Command } from 'commander';
import { renderScenario } from '../../scenarios/effective.ts';
import { scenariosJsonSchema } from '../../scenarios/json-schema.ts';
import { renderScenarioList, renderValidation } from '../../scenarios/listing.ts';
import { loadScenarios } from '../../scenarios/load-file.ts';
import type { CliContext } from '../context.ts';
import { addFileOption, addScenarioOptions, scenarioOf, scenariosFileOf } from '../scenario-options.ts';

/** `trade-sim scenarios …`: what can be run, and whether a file is right. */
export const scenariosCommand = ({ io }: CliContext): Command => {
  const print = (text: string) => io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  const load = (command: Command) => {
    const file = scenariosFileOf(command);
    return { file, ...loadScenarios(file.path, file.text) };
  };
  return new Command('scenarios')
    .description('List, show and check scenarios.')
    .addHelpText(
      'after',
      `
Examples:
  $ trade-sim scenarios list
  $ trade-sim scenarios show flash-sale --set catalog.stockPerSku=50`,
    )
    .addCommand(
      addFileOption(new Command('list').description('Name the scenarios of a file, one a line.')).action(
        (_options, self: Command) => void print(renderScenarioList(load(self).scenarios)),
      ),
    )
    .addCommand(
      addScenarioOptions(
        new Command('show')
          .description('Print a scenario with every default and every flag put in, as YAML.')
          .argument('<scenario>', 'its name'),
      ).action((name: string, _options, self: Command) => void print(renderScenario(scenarioOf(self, name)))),
    )
    .addCommand(
      addFileOption(
        new Command('validate').description('Check a scenarios file; tell every problem at once.'),
      )
        .argument('[path]', 'the file, as with --file')
        .action((path: string | undefined, _options, self: Command) => {
          if (path !== undefined) self.setOptionValue('file', path);
          const { file, scenarios } = load(self);
          print(renderValidation(file.path, scenarios));
        }),
    )
    .addCommand(
      new Command('schema')
        .description('Print the JSON Schema of scenarios files, for editors.')
        .action(() => void print(JSON.stringify(scenariosJsonSchema(), null, 2))),
    );
};

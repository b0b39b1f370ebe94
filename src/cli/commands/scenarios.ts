import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { addFileOption, addScenarioOptions } from '../scenario-options.ts';

/** `trade-sim scenarios …`: what can be run, and whether a file is right. */
export const scenariosCommand = ({ io }: CliContext): Command => {
  const print = (text: string) => void io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  const actions = () => import('../actions/scenarios.ts');

  const list = addFileOption(
    new Command('list').description('Name the scenarios of a file, one a line.'),
  ).action(async (_options, self: Command) => print(await (await actions()).list(self)));

  const show = addScenarioOptions(
    new Command('show')
      .description('Print a scenario with every default and every flag put in, as YAML.')
      .argument('<scenario>', 'its name'),
  ).action(async (name: string, _options, self: Command) => print(await (await actions()).show(self, name)));

  const validate = addFileOption(
    new Command('validate').description('Check a scenarios file; tell every problem at once.'),
  )
    .argument('[path]', 'the file, as with --file')
    .action(async (path: string | undefined, _options, self: Command) => {
      if (path !== undefined) self.setOptionValue('file', path);
      print(await (await actions()).validate(self));
    });

  const schema = new Command('schema')
    .description('Print the JSON Schema of scenarios files, for editors.')
    .action(async () => print((await actions()).schema()));

  const command = new Command('scenarios')
    .description('List, show and check scenarios.')
    .addCommand(withExamples(list, 'scenarios list', 'scenarios list --file my-scenarios.yml'))
    .addCommand(withExamples(show, 'scenarios show flash-sale --set catalog.stockPerSku=50'))
    .addCommand(withExamples(validate, 'scenarios validate', 'scenarios validate my-scenarios.yml'))
    .addCommand(withExamples(schema, 'scenarios schema > scenarios.schema.json'));
  return withExamples(command, 'scenarios list', 'scenarios show flash-sale --set catalog.stockPerSku=50');
};

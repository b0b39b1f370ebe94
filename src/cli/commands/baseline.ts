import { Command } from 'commander';
import type { RecordOptions, ShowOptions } from '../actions/baseline.ts';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { addProgressOptions, LEAST_PAIRS, pairsOption } from '../gate-options.ts';
import { addScenarioOptions } from '../scenario-options.ts';
import { addServiceOptions } from '../service-options.ts';

/** `trade-sim baseline …`: figures that a later gate is measured against. */
export const baselineCommand = (context: CliContext): Command => {
  const actions = () => import('../actions/baseline.ts');

  const record = new Command('record')
    .description('Run a scenario several times and write its figures, with what this machine does anyway.')
    .argument('<scenario>', 'its name: trade-sim scenarios list')
    .requiredOption('-o, --output <file>', 'the baseline; it must not exist yet')
    .addOption(pairsOption('rounds', 'how often the scenario runs', LEAST_PAIRS));
  addScenarioOptions(record);
  addServiceOptions(record);
  addProgressOptions(record).action(async (name: string, options: RecordOptions, self: Command) =>
    (await actions()).record(context, name, options, self),
  );

  const show = new Command('show')
    .description('Print what a baseline holds.')
    .argument('<file>', 'a baseline')
    .option('--json', 'as JSON')
    .action(async (file: string, options: ShowOptions) => (await actions()).show(context.io, file, options));

  const update = new Command('update')
    .description('Record a scenario anew into its baseline, and say what has changed since.')
    .argument('<scenario>', 'its name')
    .requiredOption('-o, --output <file>', 'the baseline; it is replaced')
    .addOption(pairsOption('rounds', 'how often the scenario runs', LEAST_PAIRS))
    .option('--history <file>', 'append a line to this CSV, for tools that find change points');
  addScenarioOptions(update);
  addServiceOptions(update);
  addProgressOptions(update).action(async (name: string, options: RecordOptions, self: Command) =>
    (await actions()).update(context, name, options, self),
  );

  return withExamples(
    new Command('baseline')
      .description('Record the figures of a scenario, for gate --baseline.')
      .addCommand(withExamples(record, 'baseline record checkout -o perf/checkout.json'))
      .addCommand(withExamples(show, 'baseline show perf/checkout.json'))
      .addCommand(
        withExamples(update, 'baseline update checkout -o perf/checkout.json --history perf/history.csv'),
      ),
    'baseline record checkout -o perf/checkout.json',
    'baseline show perf/checkout.json',
  );
};

import { Command, InvalidArgumentError, Option } from 'commander';
import { SORT_KEYS } from '../../report/comparison/columns.ts';
import type { CompareOptions } from '../actions/compare.ts';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { addReportOption } from '../report-option.ts';
import { addScenarioOptions } from '../scenario-options.ts';
import { addServiceOptions } from '../service-options.ts';

const MAX_ROUNDS = 50;

/** `trade-sim compare SCENARIO --vary …`: strategies side by side, fairly. */
export const compareCommand = (context: CliContext): Command => {
  const command = new Command('compare')
    .description(
      'Run a scenario with every combination of what is varied, in rounds that alternate, and put them side by side.',
    )
    .argument('<scenario>', 'its name: trade-sim scenarios list')
    .addOption(
      new Option(
        '--vary <field=a,b>',
        'what to vary: a flag of run (lock, stock, cache, queue, nodes, vus …) or any field by its path; may be given often. --nodes 1,2,4 varies too',
      ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]),
    )
    .option('--plan <file>', 'combinations by name, each with its settings: see docs/comparison.md')
    .addOption(
      new Option('--rounds <count>', 'how often each combination runs').argParser(wholeRounds).default(5),
    );
  addScenarioOptions(command);
  addServiceOptions(command);
  addReportOption(command, 'html, json or markdown')
    .addOption(
      new Option('--sort <column>', 'order of the rows, the best first').choices(SORT_KEYS).default('orders'),
    )
    .option(
      '--json [file]',
      'the comparison as JSON: on standard output, or into a file beside the table (write it last)',
    )
    .option('--quiet', 'print nothing but the table')
    .option('--no-progress', 'no phases and figures while it runs, only lines that stay')
    .action(async (name: string, options: CompareOptions, self: Command) => {
      const { compareCombinations } = await import('../actions/compare.ts');
      await compareCombinations(context, name, options, self);
    });
  return withExamples(
    command,
    'compare flash-sale --vary lock=setnx,token --vary stock=read-modify-write,lua --duration 5s',
    'compare checkout --vary cache=none,aside --nodes 1,2,4 --report html=comparison.html',
    'compare flash-sale --plan plan.yml --rounds 7 --json comparison.json',
  );
};

const wholeRounds = (text: string): number => {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS)
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MAX_ROUNDS}.`);
  return rounds;
};

import { Command } from 'commander';
import type { CheckOptions } from '../actions/check-strategy.ts';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { columnsOf } from '../io.ts';
import { addServiceOptions } from '../service-options.ts';

const WIDEST_PAGE = 100;
const NAMES =
  'its name, after its port where two have the same (lock none), or the path of a module of your own (./my-lock.js)';

/** `trade-sim strategies …`: what there is to choose from, and what each choice means. */
export const strategiesCommand = (context: CliContext): Command => {
  const { io } = context;
  const width = () => Math.min(WIDEST_PAGE, columnsOf(io.stdout));
  const list = new Command('list')
    .description('Name every strategy with one line about it.')
    .action(async () => {
      const { listStrategies } = await import('../actions/strategies.ts');
      io.stdout.write(listStrategies(width()));
    });
  const show = new Command('show')
    .description('Explain a strategy: how it works, what breaks it, what it costs, its options.')
    .argument('<names...>', NAMES)
    .action(async (names: string[]) => {
      const { showStrategies } = await import('../actions/strategies.ts');
      io.stdout.write(await showStrategies(names, width()));
    });
  const check = addServiceOptions(
    new Command('check')
      .description(
        'Hold a strategy to what its port asks and it promises, on models in simulated time and on real servers, and say what it breaks.',
      )
      .argument('<names...>', NAMES),
  )
    .option(
      '--json [file]',
      'the findings as JSON: on standard output, or into a file beside the text (write it last)',
    )
    .option('--quiet', 'print nothing but the findings')
    .option('--no-progress', 'no phases and figures while it runs, only lines that stay')
    .action(async (names: string[], options: CheckOptions, self: Command) => {
      const { checkOne } = await import('../actions/check-strategy.ts');
      await checkOne(context, names, options, self);
    });
  const command = new Command('strategies')
    .description('List the lock, stock, cache and queue strategies, explain them, and check your own.')
    .addCommand(withExamples(list, 'strategies list'))
    .addCommand(
      withExamples(show, 'strategies show lua', 'strategies show lock token', 'strategies show ./my-lock.js'),
    )
    .addCommand(
      withExamples(check, 'strategies check ./my-lock.js', 'strategies check lua --services embedded'),
    );
  return withExamples(command, 'strategies list', 'strategies show lock token');
};

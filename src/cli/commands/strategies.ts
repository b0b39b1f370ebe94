import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { columnsOf } from '../io.ts';

const WIDEST_PAGE = 100;

/** `trade-sim strategies …`: what there is to choose from, and what each choice means. */
export const strategiesCommand = ({ io }: CliContext): Command => {
  const width = () => Math.min(WIDEST_PAGE, columnsOf(io.stdout));
  const list = new Command('list')
    .description('Name every strategy with one line about it.')
    .action(async () => {
      const { listStrategies } = await import('../actions/strategies.ts');
      io.stdout.write(listStrategies(width()));
    });
  const show = new Command('show')
    .description('Explain a strategy: how it works, what breaks it, what it costs, its options.')
    .argument('<names...>', 'its name, after its port where two have the same: lock none')
    .action(async (names: string[]) => {
      const { showStrategies } = await import('../actions/strategies.ts');
      io.stdout.write(showStrategies(names, width()));
    });
  const command = new Command('strategies')
    .description('List the lock, stock, cache and queue strategies, and explain them.')
    .addCommand(withExamples(list, 'strategies list'))
    .addCommand(withExamples(show, 'strategies show lua', 'strategies show lock token'));
  return withExamples(command, 'strategies list', 'strategies show lock token');
};

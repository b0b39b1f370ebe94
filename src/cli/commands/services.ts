import { Command, Option } from 'commander';
import type { UpOptions } from '../actions/services.ts';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';

/** `trade-sim services …`: servers that stay between runs, and the remains of killed runs. */
export const servicesCommand = ({ io }: CliContext): Command => {
  const actions = () => import('../actions/services.ts');

  const up = new Command('up')
    .description('Start private servers that stay; later runs use them.')
    .addOption(
      new Option('--services <where>', 'where they come from')
        .choices(['auto', 'local', 'docker'])
        .default('auto'),
    )
    .option('--quiet', 'no progress')
    .action(async (options: UpOptions) => (await actions()).up(io, options));

  const down = new Command('down')
    .description('End the kept servers, and whatever killed runs left.')
    .action(async () => (await actions()).down(io));

  const status = new Command('status')
    .description('Say which servers are kept and whether they answer.')
    .action(async () => (await actions()).status(io));

  const clean = new Command('clean')
    .description('Remove the keys, queues and schemas that killed or --keep runs left on their services.')
    .action(async () => (await actions()).clean(io));

  const command = new Command('services')
    .description('Keep Redis, RabbitMQ and PostgreSQL running between runs, and clean up after killed ones.')
    .addCommand(withExamples(up, 'services up', 'services up --services docker'))
    .addCommand(withExamples(down, 'services down'))
    .addCommand(withExamples(status, 'services status'))
    .addCommand(withExamples(clean, 'services clean'));
  return withExamples(command, 'services up', 'services down');
};

import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';

/** `trade-sim doctor`: what this machine has to run with. */
export const doctorCommand = ({ io }: CliContext): Command =>
  withExamples(
    new Command('doctor')
      .description('Say what was found to run with, what is missing, and the one command that gets it.')
      .action(async () => {
        const { examine } = await import('../actions/doctor.ts');
        io.stdout.write(await examine());
      }),
    'doctor',
    'doctor && trade-sim run flash-sale --services local',
  );

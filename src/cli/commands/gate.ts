import { Command } from 'commander';
import type { CalibrateOptions } from '../actions/gate-calibrate.ts';
import type { GateOptions } from '../actions/gate.ts';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { addProgressOptions, LEAST_PAIRS, pairsOption, repeatable } from '../gate-options.ts';
import { addReportOption } from '../report-option.ts';
import { addScenarioOptions } from '../scenario-options.ts';
import { addServiceOptions } from '../service-options.ts';
import { MAX_PAIRS } from '../../measure/randomization.ts';

/** `trade-sim gate SCENARIO`: fails on a regression, and not on noise. */
export const gateCommand = (context: CliContext): Command => {
  const command = new Command('gate')
    .description(
      'Measure a scenario in turns with what it is to be as good as, and fail when it is slower by more than margin and noise.',
    )
    .argument('<scenario>', 'its name: trade-sim scenarios list')
    .option(
      '--against <profile>',
      'the base, measured in turns: settings (lock=token,stock=lua), another scenario, a scenarios file, or the folder of another trade-sim',
    )
    .option('--baseline <file>', 'the base, recorded before: trade-sim baseline record')
    .addOption(
      repeatable(
        '--margin <metric=amount>',
        'how much worse is tolerated: throughput=5%, p50=5%, p95=10%, p99=15% and p99=1ms unless given; several with commas',
      ),
    )
    .addOption(pairsOption('pairs', 'pairs of rounds at least', LEAST_PAIRS))
    .addOption(
      pairsOption('max-pairs', 'pairs of rounds at most, while the figures are not sharp', MAX_PAIRS),
    );
  addScenarioOptions(command);
  addServiceOptions(command);
  addReportOption(command, 'json, junit or markdown').option(
    '--json [file]',
    'the report as JSON: on standard output, or into a file beside what is printed (write it last)',
  );
  addProgressOptions(command)
    .option('--history <file>', 'append a line to this CSV, for tools that find change points')
    .action(async (name: string, options: GateOptions, self: Command) => {
      const { gate } = await import('../actions/gate.ts');
      await gate(context, name, options, self);
    })
    .addCommand(calibrateCommand(context));
  return withExamples(
    command,
    'gate checkout --lock fifo --against lock=token',
    'gate checkout --against ../main/node_modules/trade-sim --report junit=gate.xml',
    'gate checkout --baseline perf/checkout.json --history perf/history.csv',
    'gate calibrate checkout',
  );
};

const calibrateCommand = (context: CliContext): Command => {
  const command = new Command('calibrate')
    .description('Measure a scenario in turns with itself, and propose margins that fit the noise here.')
    .argument('<scenario>', 'its name')
    .addOption(pairsOption('pairs', 'pairs of rounds', MAX_PAIRS));
  addScenarioOptions(command);
  addServiceOptions(command);
  command.option('--json', 'the noise as JSON');
  addProgressOptions(command).action(async (name: string, options: CalibrateOptions, self: Command) => {
    const { calibrate } = await import('../actions/gate-calibrate.ts');
    await calibrate(context, name, options, self);
  });
  return withExamples(command, 'gate calibrate checkout', 'gate calibrate checkout --duration 30s --json');
};

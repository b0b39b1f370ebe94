import { Command, Option } from 'commander';
import type { RunOptions } from '../actions/run.ts';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { addMonitoringOptions } from '../monitoring-options.ts';
import { addReportOption } from '../report-option.ts';
import { addScenarioOptions } from '../scenario-options.ts';
import { addServiceOptions } from '../service-options.ts';

/** `trade-sim run SCENARIO`: one load, audited. */
export const runCommand = (context: CliContext): Command => {
  const command = new Command('run')
    .description('Run a scenario under load, audit what happened, and report it.')
    .argument('<scenario>', 'its name: trade-sim scenarios list');
  addScenarioOptions(command);
  addServiceOptions(command);
  addMonitoringOptions(command);
  addReportOption(command)
    .option(
      '--json [file]',
      'the result as JSON: on standard output, or into a file beside the report (write it last)',
    )
    .addOption(
      new Option('--dry-run', 'print the plan and draw its load over time; start nothing').conflicts([
        'json',
        'report',
      ]),
    )
    .option('--keep', "leave the run's keys, queues and schema where the services outlive the run")
    .option('--quiet', 'print nothing but the report')
    .option('--no-progress', 'no phases and figures while it runs, only lines that stay')
    .action(async (name: string, options: RunOptions & { readonly dryRun?: true }, self: Command) => {
      if (options.dryRun) {
        const { dryRun } = await import('../actions/dry-run.ts');
        await dryRun(context.io, name, self);
        return;
      }
      const { run } = await import('../actions/run.ts');
      await run(context, name, options, self);
    });
  return withExamples(
    command,
    'run flash-sale --vus 200 --duration 30s',
    'run flash-sale --dry-run',
    "run flash-sale --threshold 'order.latency:p99<200ms over 10s abort after 5s'",
    'run flash-sale --report html=report.html,junit=junit.xml',
    'run flash-sale --lock none --stock read-modify-write   # is caught overselling: exit 4',
  );
};

import { Command, Option } from 'commander';
import { SORT_KEYS } from '../../report/comparison/columns.ts';
import type { ReportOptions } from '../actions/report.ts';
import type { CliContext } from '../context.ts';
import { withExamples } from '../examples.ts';
import { addReportOption } from '../report-option.ts';

/** `trade-sim report RESULT…`: a saved result in any form, several in one. */
export const reportCommand = ({ io }: CliContext): Command => {
  const command = new Command('report')
    .description(
      'Draw saved results in any form, without a run. Several of one configuration become one; any two can be compared.',
    )
    .argument('<results...>', 'files that run --json FILE wrote, or one that compare --json FILE wrote');
  addReportOption(command)
    .addOption(
      new Option('--print <form>', 'print this form (default: terminal, unless --report is given)').choices([
        'terminal',
        'html',
        'json',
        'junit',
        'markdown',
        'csv',
        'hlog',
        'prometheus',
      ]),
    )
    .addOption(new Option('--sort <column>', 'order of the rows of a comparison').choices(SORT_KEYS))
    .option('--compare', 'put two results side by side, as terminal, json, markdown or html')
    .action(async (files: string[], options: ReportOptions) => {
      const { report } = await import('../actions/report.ts');
      report(io, files, options);
    });
  return withExamples(
    command,
    'report result.json --report html=report.html,junit=junit.xml',
    'report round-1.json round-2.json --print markdown',
    'report before.json after.json --compare',
    'report comparison.json --report html=comparison.html,markdown=comment.md',
  );
};

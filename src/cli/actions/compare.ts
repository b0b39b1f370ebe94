import type { Command } from 'commander';
import { ExitCode } from '../../kernel/exit-codes.ts';
import type { Comparison } from '../../report/comparison.ts';
import { COMPARISON_FORMS } from '../../report/comparison/forms.ts';
import { renderComparison } from '../../report/comparison/terminal.ts';
import { renderJson } from '../../report/json.ts';
import { compare } from '../../run/compare.ts';
import { commandLine } from '../command-line.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor } from '../io.ts';
import { formFilesOf, writeReports } from '../report-files.ts';
import { requireWritable, writeResult } from '../result-file.ts';
import { contendersOf, type Variation } from './contenders.ts';
import { whileInterruptible } from './interruptible.ts';
import { provisionRequestOf } from './service-request.ts';

export interface CompareOptions extends Variation {
  readonly rounds: number;
  readonly sort: string;
  readonly json?: true | string;
  /** As given: `html=FILE,markdown=FILE`. */
  readonly report?: readonly string[];
  readonly quiet?: boolean;
  readonly progress: boolean;
}

/** Every combination is validated before anything is started. Violations are findings here, not a failure. */
export const compareCombinations = async (
  { io, setExitCode }: CliContext,
  name: string,
  options: CompareOptions,
  command: Command,
): Promise<void> => {
  const contenders = await contendersOf(command, name, options);
  const services = provisionRequestOf(command);
  const { rounds, json, sort } = options;
  if (typeof json === 'string') requireWritable(json);
  const reports = formFilesOf<Comparison>(options.report ?? [], COMPARISON_FORMS);
  const comparison = await whileInterruptible(io, options, (interrupts, observer) =>
    compare({ contenders, rounds, services, command: commandLine(io.argv) }, interrupts, observer),
  );
  if (comparison.interrupted) setExitCode(ExitCode.interrupted);
  else if (comparison.arms.some(({ verdict }) => verdict === 'service-lost'))
    setExitCode(ExitCode.serviceUnavailable);
  if (json === true) io.stdout.write(renderJson(comparison));
  else
    io.stdout.write(
      renderComparison(comparison, { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout), sort }),
    );
  if (typeof json === 'string') writeResult(json, renderJson(comparison));
  writeReports(reports, comparison);
};

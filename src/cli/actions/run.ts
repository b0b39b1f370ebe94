import type { Command } from 'commander';
import { renderJson } from '../../report/json.ts';
import type { Result } from '../../report/model.ts';
import { renderTerminal } from '../../report/terminal.ts';
import { runScenario } from '../../run/run-scenario.ts';
import { commandLine } from '../command-line.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor, type Io } from '../io.ts';
import type { MonitoringOptions } from '../monitoring-options.ts';
import { type ReportFile, reportFilesOf, writeReports } from '../report-files.ts';
import { requireWritable, writeResult } from '../result-file.ts';
import { whileInterruptible } from './interruptible.ts';
import { monitored, monitoringOf } from './monitoring.ts';
import { scenarioOf } from './scenario-choice.ts';
import { provisionRequestOf } from './service-request.ts';

export interface RunOptions extends MonitoringOptions {
  readonly keep?: boolean;
  readonly allowRemote?: boolean;
  /** true: on standard output; a text: into this file. */
  readonly json?: true | string;
  /** As given: `html=FILE,junit=FILE`. */
  readonly report?: readonly string[];
  readonly quiet?: boolean;
  readonly progress: boolean;
}

/** Everything that can be refused is refused before anything is started. */
export const run = async (
  { io, setExitCode }: CliContext,
  name: string,
  options: RunOptions,
  command: Command,
): Promise<void> => {
  const scenario = await scenarioOf(command, name);
  const services = provisionRequestOf(command);
  if (typeof options.json === 'string') requireWritable(options.json);
  const reports = reportFilesOf(options.report ?? []);
  const monitoring = monitoringOf(options);
  const request = { scenario, services, keep: options.keep === true, command: commandLine(io.argv) };
  const result = await whileInterruptible(io, options, (interrupts, observer) =>
    monitored(monitoring, scenario, observer, (watched) => runScenario(request, interrupts, watched)),
  );
  setExitCode(result.exitCode);
  print(io, options, reports, result);
};

const print = (io: Io, { json }: RunOptions, reports: readonly ReportFile[], result: Result): void => {
  if (json === true) io.stdout.write(renderJson(result));
  else
    io.stdout.write(
      renderTerminal(result, { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout) }),
    );
  if (typeof json === 'string') writeResult(json, renderJson(result));
  writeReports(reports, result);
};

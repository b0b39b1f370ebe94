import type { Command } from 'commander';
import { usageError } from '../../kernel/errors.ts';
import { GATE_FORMS } from '../../report/gate/forms.ts';
import { requireSameLoad } from '../../report/gate/fingerprint.ts';
import { historyLine } from '../../report/gate/history.ts';
import type { GateReport } from '../../report/gate/model.ts';
import { renderGate } from '../../report/gate/terminal.ts';
import { gateAgainstBaseline } from '../../run/gate/baseline.ts';
import { gateAgainst, type GateRequest } from '../../run/gate/gate.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor, type Io } from '../io.ts';
import { formFilesOf, writeReports } from '../report-files.ts';
import { requireWritable, writeResult } from '../result-file.ts';
import { readBaseline } from './baseline-file.ts';
import { baseOf } from './gate-base.ts';
import { appendHistory, requireHistory } from './gate-history.ts';
import { gateRequestOf, revisionOf, withoutThresholds, type RoundsOptions } from './gate-request.ts';
import { whileInterruptible } from './interruptible.ts';

export interface GateOptions extends RoundsOptions {
  readonly against?: string;
  readonly baseline?: string;
  readonly history?: string;
  readonly json?: true | string;
  readonly report?: readonly string[];
  readonly quiet?: boolean;
  readonly progress: boolean;
}

type Gate = (...watchers: Parameters<Parameters<typeof whileInterruptible>[2]>) => Promise<GateReport>;

/** Everything that can be refused is refused before anything is started. */
export const gate = async (
  { io, setExitCode }: CliContext,
  name: string,
  options: GateOptions,
  command: Command,
): Promise<void> => {
  const { history, json } = options;
  const request = await gateRequestOf(io, name, options, command);
  const measure = await gateOf(io, command, request, options);
  if (typeof json === 'string') requireWritable(json);
  if (history !== undefined) requireHistory(history);
  const files = formFilesOf(options.report ?? [], GATE_FORMS);
  const report = await whileInterruptible(io, options, measure);
  setExitCode(report.exitCode);
  if (json === true) io.stdout.write(GATE_FORMS.json(report));
  else
    io.stdout.write(renderGate(report, { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout) }));
  if (typeof json === 'string') writeResult(json, GATE_FORMS.json(report));
  writeReports(files, report);
  if (history !== undefined && report.pairs > 0) appendHistory(history, historyLine(report, revisionOf(io)));
};

const gateOf = async (
  io: Io,
  command: Command,
  request: GateRequest,
  { against, baseline }: GateOptions,
): Promise<Gate> => {
  if ((against === undefined) === (baseline === undefined))
    throw usageError(
      against === undefined
        ? 'a gate needs something to measure against'
        : '--against and --baseline exclude each other',
      'Give --against PROFILE (settings, a scenario, another trade-sim), or --baseline FILE.',
    );
  if (against !== undefined) {
    const base = await baseOf(io, command, request.scenario.name, against);
    return (interrupts, observer) =>
      gateAgainst(
        request,
        base.kind === 'scenario' ? { ...base, scenario: withoutThresholds(base.scenario) } : base,
        interrupts,
        observer,
      );
  }
  const recorded = readBaseline(baseline!);
  requireSameLoad(baseline!, recorded, { ...request.scenario });
  return (interrupts, observer) =>
    gateAgainstBaseline(request, { ...recorded, label: baseline! }, interrupts, observer);
};

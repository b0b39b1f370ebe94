import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { usageError } from '../../kernel/errors.ts';
import type { Baseline } from '../../report/gate/baseline.ts';
import { renderBaseline } from '../../report/gate/baseline-terminal.ts';
import { historyLine } from '../../report/gate/history.ts';
import { renderJson } from '../../report/json.ts';
import { recordBaseline } from '../../run/gate/baseline.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor, type Io } from '../io.ts';
import { requireWritable, writeResult } from '../result-file.ts';
import { readBaseline } from './baseline-file.ts';
import { appendHistory, requireHistory } from './gate-history.ts';
import { gateRequestOf, revisionOf } from './gate-request.ts';
import { whileInterruptible } from './interruptible.ts';

export interface RecordOptions {
  readonly output: string;
  readonly rounds: number;
  readonly history?: string;
  readonly quiet?: boolean;
  readonly progress: boolean;
}

export interface ShowOptions {
  readonly json?: true;
}

export const record = async (
  context: CliContext,
  name: string,
  options: RecordOptions,
  command: Command,
): Promise<void> => {
  const { output } = options;
  if (existsSync(output))
    throw usageError(`${output} is there already`, 'trade-sim baseline update replaces it.');
  await measureInto(context, name, options, command, undefined);
};

export const update = async (
  context: CliContext,
  name: string,
  options: RecordOptions,
  command: Command,
): Promise<void> => {
  const former = readBaseline(options.output);
  if (former.scenario !== name)
    throw usageError(
      `${options.output} is a baseline of ${former.scenario}`,
      'Name that scenario, or another file.',
    );
  await measureInto(context, name, options, command, former);
};

const measureInto = async (
  { io }: CliContext,
  name: string,
  options: RecordOptions,
  command: Command,
  former: Baseline | undefined,
): Promise<void> => {
  const { output, rounds, history } = options;
  const request = await gateRequestOf(io, name, { pairs: rounds, maxPairs: rounds }, command);
  requireWritable(output);
  if (history !== undefined) requireHistory(history);
  const baseline = await whileInterruptible(io, options, (interrupts, observer) =>
    recordBaseline(request, interrupts, observer),
  );
  writeResult(output, renderJson(baseline));
  print(io, output, baseline, former);
  if (history !== undefined)
    appendHistory(
      history,
      historyLine({ ...baseline, startedAt: baseline.recordedAt, verdict: 'recorded' }, revisionOf(io)),
    );
};

export const show = (io: Io, file: string, { json }: ShowOptions): void => {
  const baseline = readBaseline(file);
  if (json) io.stdout.write(renderJson(baseline));
  else print(io, file, baseline, undefined);
};

const print = (io: Io, file: string, baseline: Baseline, former: Baseline | undefined): void =>
  void io.stdout.write(
    renderBaseline(file, baseline, former, {
      columns: columnsOf(io.stdout),
      color: usesColor(io, io.stdout),
    }),
  );

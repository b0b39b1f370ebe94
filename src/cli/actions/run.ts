import type { Command } from 'commander';
import { renderJson } from '../../report/json.ts';
import type { Result } from '../../report/model.ts';
import { createProgress } from '../../report/progress.ts';
import { renderTerminal } from '../../report/terminal.ts';
import type { Interrupts, Observer } from '../../run/request.ts';
import { runScenario } from '../../run/run-scenario.ts';
import { commandLine } from '../command-line.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor, type Io } from '../io.ts';
import { requireWritable, writeResult } from '../result-file.ts';
import { scenarioOf } from './scenario-choice.ts';
import { provisionRequestOf } from './service-request.ts';

export interface RunOptions {
  readonly keep?: boolean;
  /** true: on standard output; a text: into this file. */
  readonly json?: true | string;
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
  const scenario = scenarioOf(command, name);
  const services = provisionRequestOf(command);
  if (typeof options.json === 'string') requireWritable(options.json);
  const request = { scenario, services, keep: options.keep === true, command: commandLine(io.argv) };
  const result = await whileInterruptible(io, options, (interrupts, observer) =>
    runScenario(request, interrupts, observer),
  );
  setExitCode(result.exitCode);
  print(io, options, result);
};

/** Runs `job` with live progress on standard error. The first interrupt asks it to end, the second one ends it. */
const whileInterruptible = async (
  io: Io,
  options: RunOptions,
  job: (interrupts: Interrupts, observer: Observer) => Promise<Result>,
): Promise<Result> => {
  const { stderr } = io;
  const stop = new AbortController();
  const kill = new AbortController();
  const progress = createProgress({
    stream: stderr,
    isTty: stderr.isTTY === true,
    columns: () => columnsOf(stderr),
    quiet: options.quiet === true || !options.progress,
  });
  const unlisten = io.onInterrupt(() => {
    if (stop.signal.aborted) kill.abort();
    else
      progress.say(
        'Ending: no new orders; what is under way is drained and audited. Once more to stop at once.',
      );
    stop.abort();
  });
  try {
    return await job({ stop: stop.signal, kill: kill.signal }, progress);
  } finally {
    progress.stop();
    unlisten();
  }
};

const print = (io: Io, { json }: RunOptions, result: Result): void => {
  if (json === true) {
    io.stdout.write(renderJson(result));
    return;
  }
  io.stdout.write(renderTerminal(result, { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout) }));
  if (json !== undefined) writeResult(json, renderJson(result));
};

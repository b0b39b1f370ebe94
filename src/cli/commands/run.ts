import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { renderJson } from '../../report/json.ts';
import type { Result } from '../../report/model.ts';
import { createProgress } from '../../report/progress.ts';
import { renderTerminal } from '../../report/terminal.ts';
import { maskPasswords } from '../../report/text.ts';
import { runScenario } from '../../run/run-scenario.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor, type Io } from '../io.ts';
import { addScenarioOptions, scenarioOf } from '../scenario-options.ts';
import { addServiceOptions, provisionRequestOf } from '../service-options.ts';

interface RunOptions {
  readonly keep?: boolean;
  /** true: on standard output; a text: into this file. */
  readonly json?: true | string;
  readonly quiet?: boolean;
  readonly progress: boolean;
}

/** `trade-sim run SCENARIO`: one load, audited. */
export const runCommand = ({ io, setExitCode }: CliContext): Command => {
  const command = new Command('run')
    .description('Run a scenario under load, audit what happened, and report it.')
    .argument('<scenario>', 'its name: trade-sim scenarios list');
  addScenarioOptions(command);
  addServiceOptions(command);
  return command
    .option('--json [file]', 'the result as JSON: on standard output, or into a file beside the report')
    .option('--keep', "leave the run's keys, queues and schema where the services outlive the run")
    .option('--quiet', 'print nothing but the report')
    .option('--no-progress', 'no live figures')
    .addHelpText(
      'after',
      `
Examples:
  $ trade-sim run flash-sale --vus 200 --duration 30s
  $ trade-sim run flash-sale --lock none --stock read-modify-write   # is caught overselling: exit 4`,
    )
    .action(async (name: string, options: RunOptions, self: Command) => {
      const scenario = scenarioOf(self, name);
      const services = provisionRequestOf(self);
      if (typeof options.json === 'string') requireWritable(options.json);
      const result = await whileInterruptible(io, options, (interrupts, observer) =>
        runScenario(
          { scenario, services, keep: options.keep === true, command: commandLine(io.argv) },
          interrupts,
          observer,
        ),
      );
      setExitCode(result.exitCode);
      print(io, options, result);
    });
};

/** Runs `job` with live progress on standard error. The first interrupt asks it to end, the second one ends it. */
const whileInterruptible = async (
  io: Io,
  options: RunOptions,
  job: (...args: [Parameters<typeof runScenario>[1], Parameters<typeof runScenario>[2]]) => Promise<Result>,
): Promise<Result> => {
  const { stderr } = io;
  const stop = new AbortController();
  const kill = new AbortController();
  const unlisten = io.onInterrupt(() => {
    if (stop.signal.aborted) kill.abort();
    else
      progress.say(
        'Ending: no new orders; what is under way is drained and audited. Once more to stop at once.',
      );
    stop.abort();
  });
  const progress = createProgress({
    stream: stderr,
    isTty: stderr.isTTY === true,
    columns: () => columnsOf(stderr),
    quiet: options.quiet === true || !options.progress,
  });
  try {
    return await job(
      { stop: stop.signal, kill: kill.signal },
      {
        phase: (text) => progress.phase(text),
        update: (figures) => progress.update(figures),
        say: (text) => progress.say(text),
      },
    );
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
  if (json === undefined) return;
  try {
    writeFileSync(json, renderJson(result));
  } catch (error) {
    throw usageError(
      `the result could not be written to ${json}: ${messageOf(error)}`,
      'The report above is all there is of this run. Free some space, or name another place.',
      error,
    );
  }
};

/** Better told now than after the run. */
const requireWritable = (file: string): void => {
  try {
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error('it is a folder');
    accessSync(existsSync(file) ? file : dirname(resolve(file)), constants.W_OK);
  } catch (error) {
    throw usageError(
      `the result cannot be written to ${file}: ${messageOf(error)}`,
      'Name another file.',
      error,
    );
  }
};

/** The command as it was typed, fit to be typed again; without passwords. */
const commandLine = (argv: readonly string[]): string =>
  [
    'trade-sim',
    ...argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)),
  ]
    .map(maskPasswords)
    .join(' ');

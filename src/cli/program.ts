import { Command, CommanderError, Option } from 'commander';
import { BackendError } from '../backends/ports.ts';
import { messageOf, TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { version } from '../kernel/version.ts';
import { maskPasswords, printable, printableLines } from '../report/text.ts';
import { baselineCommand } from './commands/baseline.ts';
import { compareCommand } from './commands/compare.ts';
import { doctorCommand } from './commands/doctor.ts';
import { gateCommand } from './commands/gate.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { scenariosCommand } from './commands/scenarios.ts';
import { servicesCommand } from './commands/services.ts';
import { strategiesCommand } from './commands/strategies.ts';
import type { CliContext } from './context.ts';
import { withExamples } from './examples.ts';
import type { Io } from './io.ts';
import { readEnvironment } from './variable-option.ts';

const EXIT_CODES = `
Exit codes:
  0 passed   1 internal error   2 usage   3 service unavailable   4 invariant violated
  5 threshold failed   6 regression   7 inconclusive   130 interrupted`;

const buildProgram = (io: Io, setExitCode: CliContext['setExitCode']): Command => {
  const program = new Command('trade-sim')
    .description(
      'Load-test and simulate e-commerce order systems, and prove that nothing was oversold or lost.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--debug', 'print the stack trace of an error')
    // What follows a command belongs to it, even where the one above has a flag of that name.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) =>
        write(`${printableLines(text.trimEnd().replace(/^error: /, 'trade-sim: '))}\n`),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .showHelpAfterError('Try --help.')
    .exitOverride()
    .hook('preAction', (_program, command) => readEnvironment(command, io.env));
  withExamples(program, 'run flash-sale', 'strategies list').addHelpText('after', EXIT_CODES);
  const context = { io, setExitCode };
  for (const command of [
    runCommand(context),
    compareCommand(context),
    gateCommand(context),
    baselineCommand(context),
    reportCommand(context),
    scenariosCommand(context),
    strategiesCommand(context),
    servicesCommand(context),
    doctorCommand(context),
  ]) {
    inheritSettings(program, command);
    program.addCommand(command);
  }
  return program;
};

/** `addCommand` does not hand settings on, unlike `command`; and `--debug` may stand anywhere. */
const inheritSettings = (parent: Command, child: Command): void => {
  child.copyInheritedSettings(parent);
  child.addOption(new Option('--debug').hideHelp());
  for (const grandchild of child.commands) inheritSettings(child, grandchild);
};

/** Runs one command line; gives the exit code. The only place that prints errors. */
export const main = async (io: Io): Promise<ExitCode> => {
  let exitCode: ExitCode = ExitCode.passed;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(io.argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.passed : ExitCode.usage;
    printError(io, error, io.argv.includes('--debug'));
    // A verdict outweighs that it could not be saved.
    return exitCode === ExitCode.passed ? exitCodeOf(error) : exitCode;
  }
};

const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof TradeSimError) return error.exitCode;
  if (isAbort(error)) return ExitCode.interrupted;
  return error instanceof BackendError ? ExitCode.serviceUnavailable : ExitCode.internalError;
};

/** What an aborted signal throws. */
const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

const printError = (io: Io, error: unknown, debug: boolean): void => {
  const message = isAbort(error) ? 'interrupted before there was anything to report' : messageOf(error);
  io.stderr.write(`trade-sim: ${printableLines(message.trimEnd())}\n`);
  if (error instanceof TradeSimError) {
    if (error.hint !== undefined) io.stderr.write(`  ${printable(error.hint)}\n`);
  } else if (exitCodeOf(error) === ExitCode.internalError && !debug) {
    io.stderr.write(
      '  This is a defect of trade-sim. Run it again with --debug and report what it prints.\n',
    );
  }
  if (debug && error instanceof Error) io.stderr.write(`${maskPasswords(stackOf(error))}\n`);
};

const stackOf = (error: Error): string => {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
};

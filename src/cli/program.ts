import { Command, CommanderError } from 'commander';
import { messageOf, TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { version } from '../kernel/version.ts';
import { maskPasswords, printable } from '../report/text.ts';
import { doctorCommand } from './commands/doctor.ts';
import { runCommand } from './commands/run.ts';
import { scenariosCommand } from './commands/scenarios.ts';
import { servicesCommand } from './commands/services.ts';
import { strategiesCommand } from './commands/strategies.ts';
import type { CliContext } from './context.ts';
import type { Io } from './io.ts';

const buildProgram = (io: Io, setExitCode: CliContext['setExitCode']): Command => {
  const program = new Command('trade-sim')
    .description(
      'Load-test and simulate e-commerce order systems, and prove that nothing was oversold or lost.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--debug', 'print the stack trace of an error')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .showHelpAfterError('Try --help.')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  $ trade-sim run flash-sale
  $ trade-sim strategies list

Exit codes:
  0 passed   1 internal error   2 usage   3 service unavailable   4 invariant violated
  5 threshold failed   6 regression   7 inconclusive   130 interrupted`,
    );
  const context = { io, setExitCode };
  for (const command of [
    runCommand(context),
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

/** `addCommand` does not hand settings on, unlike `command`. */
const inheritSettings = (parent: Command, child: Command): void => {
  child.copyInheritedSettings(parent);
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
    return error instanceof TradeSimError ? error.exitCode : ExitCode.internalError;
  }
};

const printError = (io: Io, error: unknown, debug: boolean): void => {
  const lines = messageOf(error).split('\n').map(printable);
  io.stderr.write(`trade-sim: ${lines.join('\n')}\n`);
  if (error instanceof TradeSimError) {
    if (error.hint !== undefined) io.stderr.write(`  ${printable(error.hint)}\n`);
  } else if (!debug) {
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

import type { Command } from 'commander';
import { usageError } from '../../kernel/errors.ts';
import { renderJson } from '../../report/json.ts';
import { renderStrategyCheck } from '../../report/strategy-check.ts';
import { checkStrategy } from '../../run/check-strategy.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor } from '../io.ts';
import { requireWritable, writeResult } from '../result-file.ts';
import { whileInterruptible } from './interruptible.ts';
import { provisionRequestOf } from './service-request.ts';
import { findStrategies } from './strategy-choice.ts';

export interface CheckOptions {
  readonly json?: true | string;
  readonly quiet?: boolean;
  readonly progress: boolean;
}

/** Holds one strategy to all that its port asks of it, and prints what it breaks. */
export const checkOne = async (
  { io, setExitCode }: CliContext,
  names: readonly string[],
  options: CheckOptions,
  command: Command,
): Promise<void> => {
  const [subject, ...others] = await findStrategies(names);
  if (subject === undefined || others.length > 0)
    throw usageError(
      `"${names.join(' ')}" is not one strategy but ${others.length + 1}`,
      'Say which: strategies check lock none.',
    );
  const { json } = options;
  if (typeof json === 'string') requireWritable(json);
  const services = provisionRequestOf(command);
  const check = await whileInterruptible(
    io,
    options,
    (interrupts, observer) => checkStrategy(subject, services, interrupts, observer),
    'after this property there is no verdict',
  );
  setExitCode(check.exitCode);
  const text = renderJson(check);
  const { stdout } = io;
  stdout.write(json === true ? text : renderStrategyCheck(check, columnsOf(stdout), usesColor(io, stdout)));
  if (typeof json === 'string') writeResult(json, text);
};

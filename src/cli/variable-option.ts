import { Option, type Command } from 'commander';
import { usageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { Io } from './io.ts';

/**
 * An option that a variable of the environment can set too; the command line comes first. Commander's own `env()`
 * would read the process's variables, past `Io`.
 */
export class VariableOption extends Option {
  readonly variable: string;

  constructor(flags: string, description: string, variable: string) {
    super(flags, `${description} (env: ${variable})`);
    this.variable = variable;
  }
}

/** Gives the options of a command, parsed before, what the environment has for them. An empty variable sets nothing. */
export const readEnvironment = (command: Command, env: Io['env']): void => {
  for (const option of command.options) {
    if (!(option instanceof VariableOption)) continue;
    const name = option.attributeName();
    const value = env[option.variable];
    if (value === undefined || value === '' || command.getOptionValueSource(name) === 'cli') continue;
    const { argChoices } = option;
    if (argChoices !== undefined && !argChoices.includes(value))
      throw usageError(`${option.variable}=${value} is not known`, didYouMean(value, argChoices));
    command.setOptionValueWithSource(name, value, 'env');
  }
};

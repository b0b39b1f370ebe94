import type { Command } from 'commander';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { ExitCode } from '../../kernel/exit-codes.ts';
import { renderComparison, type SortKey } from '../../report/comparison-terminal.ts';
import { compare, type Contender } from '../../run/compare.ts';
import type { Override } from '../../scenarios/changes.ts';
import { commandLine } from '../command-line.ts';
import type { CliContext } from '../context.ts';
import { columnsOf, usesColor } from '../io.ts';
import { requireWritable, writeResult } from '../result-file.ts';
import { FIELD_FLAGS } from '../scenario-options.ts';
import { whileInterruptible } from './interruptible.ts';
import { scenarioOf } from './scenario-choice.ts';
import { provisionRequestOf } from './service-request.ts';

export interface CompareOptions {
  /** Each `field=a,b,c`. */
  readonly vary: readonly string[];
  readonly rounds: number;
  readonly sort: SortKey;
  readonly json?: true | string;
  readonly quiet?: boolean;
  readonly progress: boolean;
}

const MAX_COMBINATIONS = 100;

/** Every combination is validated before anything is started. Violations are findings here, not a failure. */
export const compareCombinations = async (
  { io, setExitCode }: CliContext,
  name: string,
  options: CompareOptions,
  command: Command,
): Promise<void> => {
  const contenders = contendersOf(command, name, options.vary);
  const services = provisionRequestOf(command);
  const { rounds, json, sort } = options;
  if (typeof json === 'string') requireWritable(json);
  const comparison = await whileInterruptible(io, options, (interrupts, observer) =>
    compare({ contenders, rounds, services, command: commandLine(io.argv) }, interrupts, observer),
  );
  const text = `${JSON.stringify(comparison, null, 2)}\n`;
  if (comparison.interrupted) setExitCode(ExitCode.interrupted);
  else if (comparison.arms.some(({ verdict }) => verdict === 'service-lost'))
    setExitCode(ExitCode.serviceUnavailable);
  if (json === true) io.stdout.write(text);
  else
    io.stdout.write(
      renderComparison(comparison, { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout), sort }),
    );
  if (typeof json === 'string') writeResult(json, text);
};

const contendersOf = (command: Command, name: string, vary: readonly string[]): Contender[] => {
  const combinations = vary
    .map(dimensionOf)
    .reduce<Override[][]>(
      (sofar, dimension) =>
        sofar.flatMap((overrides) => dimension.map((override) => [...overrides, override])),
      [[]],
    );
  if (combinations.length > MAX_COMBINATIONS)
    throw usageError(
      `${combinations.length} combinations are too many`,
      `Vary less: ${MAX_COMBINATIONS} at most.`,
    );
  const problems = new Set<string>();
  const contenders = combinations.flatMap((overrides): Contender[] => {
    const choices = Object.fromEntries(overrides.map(({ path, value }) => [path, value]));
    try {
      return [{ choices, scenario: scenarioOf(command, name, overrides) }];
    } catch (error) {
      problems.add(messageOf(error));
      return [];
    }
  });
  if (problems.size > 0) throw usageError([...problems].join('\n'), 'Nothing was started.');
  return contenders;
};

/** `lock=setnx,token` as one override for each value. */
const dimensionOf = (text: string): Override[] => {
  const [field = '', list = ''] = text.split(/=(.*)/s);
  const values = list.split(',').map((value) => value.trim());
  if (field === '' || values.includes(''))
    throw usageError(`--vary ${text} varies nothing`, 'Write --vary field=a,b: --vary lock=setnx,token.');
  const flag = FIELD_FLAGS.find(([known]) => known === field);
  const path = flag?.[2] ?? field;
  return values.map((value) => ({ path, value, from: '--vary' }));
};

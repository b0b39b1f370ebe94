import { Option, type Command } from 'commander';
import { VariableOption } from './variable-option.ts';

/** Flags that set one field of the scenario: name, argument, path, meaning. */
export const FIELD_FLAGS = [
  ['lock', 'name', 'engine.lock', 'lock strategy (trade-sim strategies list), or ./my-lock.js'],
  ['stock', 'name', 'engine.stock', 'stock strategy'],
  ['cache', 'name', 'engine.cache', 'cache strategy'],
  ['queue', 'name', 'engine.queue', 'queue strategy'],
  ['nodes', 'count', 'engine.nodes', 'engine nodes, a worker thread each'],
  ['executor', 'name', 'load.executor', 'load model: constant-vus, ramping-arrival-rate, burst …'],
  ['vus', 'count', 'load.vus', 'virtual users of a closed load'],
  ['rate', 'rate', 'load.rate', 'iterations started per unit of time in an open load: 500/s'],
  ['max-vus', 'count', 'load.maxVus', 'iterations under way at once in an open load'],
  ['duration', 'time', 'load.duration', 'how long the load lasts: 30s'],
  ['iterations', 'count', 'load.iterations', 'iterations of a closed load, over all virtual users'],
  ['warmup', 'time', 'load.warmup', 'load before the measured part'],
  [
    'over-limits',
    'effect',
    'generator.overLimits',
    'a load generator over its limits makes the verdict inconclusive, or is only a note',
  ],
  ['seed', 'number', 'seed', 'chooses the random sequence of all customers'],
] as const;

export const variableOf = (flag: string): string => `TRADE_SIM_${flag.toUpperCase().replaceAll('-', '_')}`;

/** The flags that choose a scenario's file and change its fields. */
export const addScenarioOptions = (command: Command): Command => {
  addFileOption(command);
  for (const [flag, argument, path, meaning] of FIELD_FLAGS)
    command.addOption(
      new VariableOption(`--${flag} <${argument}>`, `${meaning} (sets ${path})`, variableOf(flag)),
    );
  return command
    .addOption(
      new Option(
        '--threshold <text>',
        'a further limit that the run must keep: "order.latency:p99<200ms over 10s abort after 5s"; may be given often',
      ).argParser(collected),
    )
    .addOption(
      new Option('--set <path=value>', 'set any field of the scenario; may be given often').argParser(
        collected,
      ),
    );
};

const collected = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

export const addFileOption = (command: Command): Command =>
  command.addOption(
    new VariableOption(
      '-f, --file <path>',
      'scenarios file (default: scenarios.yml here, else the built-in one)',
      'TRADE_SIM_FILE',
    ),
  );

/** The field that a flag's name stands for: `lock` is `engine.lock`. Any other is a path already. */
export const fieldPathOf = (name: string): string => FIELD_FLAGS.find(([flag]) => flag === name)?.[2] ?? name;

import { stringify } from 'yaml';
import type { LoadConfig } from './executors/index.ts';
import type { Choice, Scenario } from './schema.ts';

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A whole number of milliseconds in the largest unit that loses nothing. */
const exactDuration = (ms: number): string => {
  const unit = UNITS.find(([, unitMs]) => ms > 0 && ms % unitMs === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
};

const choice = ({ name, options, module = name }: Choice) =>
  Object.keys(options).length === 0 ? module : { name: module, ...options };

/** A field by the name and in the form that a file has: `durationMs: 500` is `duration: 500ms`. */
const field = (name: string, value: unknown): readonly [string, unknown] => {
  if (Array.isArray(value)) return [name, value.map(fieldsOf)];
  if (typeof value === 'number' && name.endsWith('Ms')) return [name.slice(0, -2), exactDuration(value)];
  return /rate/i.test(name) ? [name, `${value as number}/s`] : [name, value];
};

const fieldsOf = (fields: object) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => field(name, value)));

const load = (config: LoadConfig) => {
  if (!('stages' in config)) return fieldsOf(config);
  // The stages say it.
  const { durationMs: _, ...fields } = config;
  return fieldsOf(fields);
};

const feeders = (byName: Scenario['feeders']) =>
  Object.fromEntries(
    Object.entries(byName).map(([name, { source, order, whenExhausted }]) => {
      const data = source.kind === 'rows' ? source.rows : source.path;
      return [name, { [source.kind]: data, order, whenExhausted }];
    }),
  );

const percent = (part: number): string => `${Number((part * 100).toPrecision(12))}%`;

const generator = ({
  overLimits,
  minBegun,
  maxDropped,
  maxLatenessMs,
  maxBusy,
  maxLoopDelayMs,
  maxSteal,
}: Scenario['generator']) => ({
  overLimits,
  minBegun: percent(minBegun),
  maxDropped: percent(maxDropped),
  maxLateness: exactDuration(maxLatenessMs),
  maxBusy: percent(maxBusy),
  maxLoopDelay: exactDuration(maxLoopDelayMs),
  maxSteal: percent(maxSteal),
});

/** A scenario as the text of a scenarios file, with every default written out; it reads back as the same scenario. */
export const renderScenario = ({ name, ...scenario }: Scenario): string => {
  const { nodes, lock, stock, cache, queue, lockWaitMs } = scenario.engine;
  const fields = {
    description: scenario.description,
    journey: choice(scenario.journey),
    ...(Object.keys(scenario.feeders).length > 0 && { feeders: feeders(scenario.feeders) }),
    catalog: scenario.catalog,
    engine: {
      nodes,
      lock: choice(lock),
      stock: choice(stock),
      cache: choice(cache),
      queue: choice(queue),
      lockWait: exactDuration(lockWaitMs),
    },
    load: load(scenario.load),
    steps: scenario.steps,
    generator: generator(scenario.generator),
    thresholds: scenario.thresholds.map(({ text }) => text),
    seed: scenario.seed,
  };
  return stringify({ scenarios: { [name]: fields } }, { lineWidth: 0, aliasDuplicateObjects: false });
};

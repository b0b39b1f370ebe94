import { z } from 'zod';
import { lockMisfit, sizeMisfit, type Misfit } from '../engine/combinations.ts';
import type { Chosen } from '../engine/own-strategies.ts';
import type { CatalogueConfig, Popularity } from './catalogue.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { loadSchema, type LoadConfig } from './executors/index.ts';
import { feedersSchema, type FeederConfig } from './feeders/config.ts';
import { columnsOf } from './feeders/fields.ts';
import { duration, threshold, whole } from './fields.ts';
import { generatorSchema, type GeneratorLimits } from './generator.ts';
import { JOURNEYS } from './journeys/index.ts';
import { choiceOf, variantOf } from './shorthand.ts';
import { strategyChoice } from './strategy-choice.ts';
import { tagMisfit } from './step-tags.ts';
import { countSeries, stepsSchema, type StepsConfig } from './steps.ts';
import type { Threshold } from './thresholds.ts';
import { withHint } from './wording.ts';

/** A strategy or a journey by name, with all its options. */
export type Choice = Chosen;

/** A whole run, as data: with the same scenario, customers ask for the same things again. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly journey: Choice;
  /** By name. */
  readonly feeders: Readonly<Record<string, FeederConfig>>;
  readonly catalog: CatalogueConfig;
  readonly engine: {
    readonly nodes: number;
    readonly lock: Choice;
    readonly stock: Choice;
    readonly cache: Choice;
    readonly queue: Choice;
    /** How long an order waits for its lock at most. */
    readonly lockWaitMs: number;
  };
  readonly load: LoadConfig;
  readonly steps: StepsConfig;
  readonly generator: GeneratorLimits;
  readonly thresholds: readonly Threshold[];
  readonly seed: number;
}

const popularity = variantOf('kind', {
  uniform: z.strictObject({}),
  zipf: z.strictObject({
    exponent: z
      .number()
      .min(0.01)
      .max(10)
      .default(0.99)
      .describe('how steep: the SKU of rank r is asked for in proportion to 1 / r^exponent (YCSB: 0.99)'),
  }),
}).transform((value) => value as Popularity);

const catalog = z.strictObject({
  skus: whole(1, 1_000_000, 'products, named sku-0, sku-1 …').default(1),
  stockPerSku: whole(0, 1_000_000_000, 'units of each product before the first order'),
  limitPerUser: whole(0, 1_000_000, 'units one user may take of one product; 0: no limit').default(0),
  popularity: popularity.prefault('uniform').describe('how customers choose among the products'),
});

const refuse = (misfit: Misfit | undefined, path: (string | number)[], context: z.RefinementCtx) => {
  if (misfit === undefined) return;
  context.addIssue({ code: 'custom', path, message: withHint(misfit.what, misfit.hint) });
};

const engine = z
  .strictObject({
    nodes: whole(1, 64, 'engine nodes, a worker thread each').default(2),
    lock: strategyChoice('lock').prefault('none').describe('mutual exclusion around an order'),
    stock: strategyChoice('stock').prefault('lua').describe('how units are taken'),
    cache: strategyChoice('cache').prefault('aside').describe('how product pages are cached'),
    queue: strategyChoice('queue').prefault('confirm').describe("an order's way to the ledger"),
    lockWait: duration(0, 'how long an order waits for its lock at most').prefault('1s'),
  })
  .superRefine(({ lock, stock }, context) => refuse(lockMisfit(lock, stock), ['stock'], context))
  .transform(({ lockWait, ...rest }) => ({ ...rest, lockWaitMs: lockWait }));

const scenarioFields = z.strictObject({
  description: z.string().max(500).default('').describe('one line for lists'),
  journey: choiceOf(JOURNEYS).describe('what a customer does in one iteration'),
  feeders: feedersSchema.default({}).describe('data by name, of which each iteration takes a row'),
  catalog: catalog.describe('the products'),
  engine: engine.prefault({}).describe('the system under test and its strategies'),
  load: loadSchema.describe('how many customers come, and how'),
  generator: generatorSchema
    .prefault({})
    .describe('what the load generator may come to before its figures are not to be trusted'),
  steps: stepsSchema.prefault({}).describe('how the steps of the journey are told apart'),
  thresholds: z.array(threshold).max(100).default([]).describe('what the run must reach, or else fails'),
  seed: whole(0, Number.MAX_SAFE_INTEGER, 'chooses the random sequence of all customers').default(1),
});

export const SCENARIO_FIELDS: readonly string[] = Object.keys(scenarioFields.shape);

const unknownFeeder = (name: string, feeders: object): Misfit => {
  const known = Object.keys(feeders);
  return {
    what: `there is no feeder "${name}"`,
    hint: known.length === 0 ? 'Describe it under feeders.' : didYouMean(name, known),
  };
};

const seriesMisfit = (journey: Choice, steps: StepsConfig, nodes: number): Misfit | undefined => {
  const series = countSeries(JOURNEYS[journey.name]!.steps, steps, nodes);
  return series <= steps.maxSeries
    ? undefined
    : { what: `its steps may have ${series} series`, hint: 'Allow as many, or leave out byNode.' };
};

const scenario = scenarioFields.superRefine((fields, context) => {
  const { catalog, engine, journey, feeders, steps, thresholds } = fields;
  const units = catalog.skus * catalog.stockPerSku;
  refuse(sizeMisfit(engine.stock, units), ['engine', 'stock'], context);
  // A block in which something is wrong was not transformed.
  const columns = 'options' in journey ? columnsOf(journey.options) : [];
  for (const { field, feeder } of columns)
    if (!Object.hasOwn(feeders, feeder)) refuse(unknownFeeder(feeder, feeders), ['journey', field], context);
  refuse(seriesMisfit(journey, steps, engine.nodes), ['steps', 'maxSeries'], context);
  const journeySteps = JOURNEYS[journey.name]!.steps;
  for (const [index, threshold] of thresholds.entries())
    if ('tags' in threshold)
      refuse(tagMisfit(threshold, journeySteps, steps, engine.nodes), ['thresholds', index], context);
});

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** A URL may carry a password, so no message quotes it. */
const url = (scheme: string) =>
  z
    .string({ error: `is not a URL (Write ${scheme}://user:password@host:port.)` })
    .regex(
      new RegExp(`^${scheme}s?://`),
      `is not a URL of this service (Begin with ${scheme}:// or ${scheme}s://.)`,
    );

const services = z.strictObject({
  redis: url('redis').optional().describe('Redis 7.0 or later'),
  amqp: url('amqp').optional().describe('RabbitMQ 3.10 or later'),
  postgres: url('postgres').optional().describe('PostgreSQL 15 or later'),
  lockRedis: z
    .array(url('redis'))
    .min(1)
    .max(9)
    .optional()
    .describe('Redis servers for a lock that votes, independent of each other'),
});

/** A whole scenarios file. */
export const scenariosFile = z.strictObject({
  scenarios: z
    .record(
      z.string().regex(NAME, 'must be lower-case letters, digits and hyphens, at most 64 of them'),
      scenario,
    )
    .refine((byName) => Object.keys(byName).length > 0, 'holds no scenario (Name one under it.)')
    .describe('scenarios by name')
    .transform((byName): Readonly<Record<string, Scenario>> =>
      Object.fromEntries(Object.entries(byName).map(([name, fields]) => [name, { name, ...fields }])),
    ),
  services: services
    .default({})
    .describe('servers to use where neither a flag nor the environment names one'),
});
export type ScenariosFile = z.output<typeof scenariosFile>;

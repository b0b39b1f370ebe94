import { z } from 'zod';
import type { Chosen } from '../engine/compose.ts';
import { REGISTRY } from '../engine/registry.ts';
import type { CatalogueConfig, Popularity } from './catalogue.ts';
import { duration, rate, threshold, whole } from './fields.ts';
import { JOURNEYS } from './journeys/index.ts';
import { choiceOf, variantOf } from './shorthand.ts';
import type { Threshold } from './thresholds.ts';

/** A strategy or a journey by name, with all its options. */
export type Choice = Chosen;

interface LoadTimes {
  /** Load before the measured part; its figures are discarded. */
  readonly warmupMs: number;
  /** How long iterations under way may still take when the load ends. */
  readonly gracefulStopMs: number;
}

/** Ends at the duration or after the iterations, whichever comes first; one of them is always there. */
interface ConstantVus extends LoadTimes {
  readonly executor: 'constant-vus';
  readonly vus: number;
  readonly durationMs?: number;
  readonly iterations?: number;
}

interface ConstantArrivalRate extends LoadTimes {
  readonly executor: 'constant-arrival-rate';
  /** Iterations started per second. */
  readonly rate: number;
  readonly durationMs: number;
  /** Iterations under way at once; an arrival beyond it is dropped and counted. */
  readonly maxVus: number;
}

export type LoadConfig = ConstantVus | ConstantArrivalRate;

/** A whole run, as data: with the same scenario, customers ask for the same things again. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly journey: Choice;
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
}).transform((value) => value as unknown as Popularity);

const catalog = z.strictObject({
  skus: whole(1, 1_000_000, 'products, named sku-0, sku-1 …').default(1),
  stockPerSku: whole(0, 1_000_000_000, 'units of each product before the first order'),
  limitPerUser: whole(0, 1_000_000, 'units one user may take of one product; 0: no limit').default(0),
  popularity: popularity.prefault('uniform').describe('how customers choose among the products'),
});

const engine = z
  .strictObject({
    nodes: whole(1, 64, 'engine nodes, a worker thread each').default(2),
    lock: choiceOf(REGISTRY.lock).prefault('none').describe('mutual exclusion around an order'),
    stock: choiceOf(REGISTRY.stock).prefault('lua').describe('how units are taken'),
    cache: choiceOf(REGISTRY.cache).prefault('aside').describe('how product pages are cached'),
    queue: choiceOf(REGISTRY.queue).prefault('confirm').describe("an order's way to the ledger"),
    lockWait: duration(0, 'how long an order waits for its lock at most').prefault('1s'),
  })
  .transform(({ lockWait, ...rest }) => ({ ...rest, lockWaitMs: lockWait }));

const loadTimes = {
  warmup: duration(0, 'load before the measured part; its figures are discarded').prefault('0s'),
  gracefulStop: duration(0, 'how long iterations under way may still take when the load ends').prefault('5s'),
};

const vus = (description: string) => whole(1, 1_000_000, description);

const constantVus = z
  .strictObject({
    executor: z
      .literal('constant-vus')
      .describe('closed model: each virtual user starts again when it is done'),
    vus: vus('virtual users, over all nodes').default(50),
    duration: duration(1, 'how long the load lasts').optional(),
    iterations: whole(1, 1_000_000_000, 'iterations of all virtual users together').optional(),
    ...loadTimes,
  })
  .refine(({ duration, iterations }) => duration !== undefined || iterations !== undefined, {
    error: 'does not say when it ends (Give a duration, a number of iterations, or both.)',
  });

const constantArrivalRate = z.strictObject({
  executor: z
    .literal('constant-arrival-rate')
    .describe('open model: customers arrive whether or not others wait'),
  rate: rate('iterations started per unit of time, over all nodes'),
  duration: duration(1, 'how long the load lasts'),
  maxVus: vus('iterations under way at once; an arrival beyond it is dropped and counted').default(1_000),
  ...loadTimes,
});

/** The fields of each executor, as a file names them. */
export const EXECUTOR_FIELDS: Readonly<Record<LoadConfig['executor'], readonly string[]>> = {
  'constant-vus': Object.keys(constantVus.shape),
  'constant-arrival-rate': Object.keys(constantArrivalRate.shape),
};

const load = z
  .discriminatedUnion('executor', [constantVus, constantArrivalRate])
  .transform((fields): LoadConfig => {
    const times = { warmupMs: fields.warmup, gracefulStopMs: fields.gracefulStop };
    if (fields.executor === 'constant-arrival-rate') {
      const { executor, rate, duration, maxVus } = fields;
      return { executor, rate, durationMs: duration, maxVus, ...times };
    }
    const { executor, vus, duration, iterations } = fields;
    return {
      executor,
      vus,
      ...(duration !== undefined && { durationMs: duration }),
      ...(iterations !== undefined && { iterations }),
      ...times,
    };
  });

const scenario = z.strictObject({
  description: z.string().max(500).default('').describe('one line for lists'),
  journey: choiceOf(JOURNEYS).describe('what a customer does in one iteration'),
  catalog: catalog.describe('the products'),
  engine: engine.prefault({}).describe('the system under test and its strategies'),
  load: load.describe('how many customers come, and how'),
  thresholds: z.array(threshold).max(100).default([]).describe('what the run must reach, or else fails'),
  seed: whole(0, Number.MAX_SAFE_INTEGER, 'chooses the random sequence of all customers').default(1),
});

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** A URL may carry a password, so no message quotes it. */
const url = (scheme: string) =>
  z
    .string({ error: `is not a URL (Write ${scheme}://user:password@host:port.)` })
    .regex(
      new RegExp(`^${scheme}s?://`),
      `is not a URL of this service (Begin with ${scheme}:// or ${scheme}s://.)`,
    )
    .optional();

const services = z.strictObject({
  redis: url('redis').describe('Redis 7.0 or later'),
  amqp: url('amqp').describe('RabbitMQ 3.10 or later'),
  postgres: url('postgres').describe('PostgreSQL 15 or later'),
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

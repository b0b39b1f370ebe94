import { z } from 'zod';
import { duration, whole } from '../fields.ts';
import { SPACINGS } from './executor.ts';

/** What the blocks of several load models have in common. */

export const loadTimes = {
  warmup: duration(0, 'load before the measured part, at its peak; its figures are discarded').prefault('0s'),
  gracefulStop: duration(0, 'how long iterations under way may still take when the load ends').prefault('5s'),
};

export const vus = (description: string) => whole(1, 1_000_000, description);

/** What every open model has. */
export const openFields = {
  arrivals: z
    .enum(SPACINGS)
    .default('uniform')
    .describe('evenly spaced, or at random as strangers come (poisson); the seed chooses which'),
  maxVus: vus('iterations under way at once; an arrival beyond it is dropped and counted').default(1_000),
  ...loadTimes,
};

const MAX_STAGES = 100;
const MAX_STAGES_MS = 24 * 3_600_000;

/** Stretches of time one after another, of which each brings the load to a value of its own. */
export const stagesOf = <Shape extends z.ZodRawShape>(shape: Shape, description: string) =>
  z
    .array(
      z
        .strictObject({ duration: duration(0, 'how long the way there takes; 0s: a jump'), ...shape })
        .transform(inMs),
    )
    .max(MAX_STAGES)
    .refine((stages) => totalMs(stages) > 0 && totalMs(stages) <= MAX_STAGES_MS, {
      error: 'must last longer than 0s and at most 24h, all together',
      abort: true,
    })
    .describe(description);

/** How long stages take, one after another. */
export const totalMs = (stages: readonly object[]): number =>
  (stages as readonly { readonly durationMs: number }[]).reduce((sum, { durationMs }) => sum + durationMs, 0);

const DURATIONS = ['duration', 'warmup', 'gracefulStop', 'opensAfter', 'halfLife'] as const;
type DurationField = (typeof DURATIONS)[number];

/** Fields under the names that say their unit: `duration`, which was read as milliseconds, is `durationMs`. */
type InMs<Fields> = {
  readonly [Name in keyof Fields as Name extends DurationField ? `${Name}Ms` : Name]: Exclude<
    Fields[Name],
    undefined
  >;
};

const isDuration = (name: string): boolean => (DURATIONS as readonly string[]).includes(name);

/** Names durations by their unit, and leaves out what is not set. */
export const inMs = <Fields extends object>(fields: Fields): InMs<Fields> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[isDuration(name) ? `${name}Ms` : name, value]],
    ),
  ) as InMs<Fields>;

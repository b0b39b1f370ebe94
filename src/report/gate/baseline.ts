import { z } from 'zod';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { resultSchema } from '../model.ts';
import { printable } from '../text.ts';
import { roundSchema } from './model.ts';

const perSecond = (what: string) =>
  z.number().positive().describe(`${what}, per second: the median of its slices.`);

export const calibrationSchema = z.strictObject({
  cpu: perSecond('Orders written as JSON, read and hashed by one thread'),
  redis: perSecond('Increments of a counter, eight at a time').nullable().describe('null: embedded.'),
  postgres: perSecond('Committed updates of a row, four at a time').nullable().describe('null: embedded.'),
});
/** How fast machine and services did what never changes. */
export type Calibration = Readonly<z.infer<typeof calibrationSchema>>;

const baselineSchema = z.strictObject({
  schema: z.literal('trade-sim.baseline/1'),
  scenario: z.string(),
  recordedAt: z.iso.datetime(),
  command: z.string(),
  configuration: z
    .record(z.string(), z.unknown())
    .describe('The scenario as it ran, strategies and their options included.'),
  environment: resultSchema.shape.environment,
  services: resultSchema.shape.run.shape.services,
  calibration: calibrationSchema,
  rounds: z.array(roundSchema).min(2),
  orderLatency: z.string().describe('order.latency of all rounds: HdrHistogram V2, compressed, in base64.'),
});
export type Baseline = z.infer<typeof baselineSchema>;

/** Reads a recorded baseline. Throws a usage error that says what is wrong with it. */
export const loadBaseline = (name: string, text: string): Baseline => {
  const parsed = baselineSchema.safeParse(parse(name, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the document';
  throw usageError(
    `${name} is not a baseline of this version of trade-sim: ${printable(`${where}: ${issue?.message ?? ''}`)}`,
    'Record one: trade-sim baseline record SCENARIO -o FILE.',
  );
};

const parse = (name: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(
      `${name} is not JSON: ${printable(messageOf(error))}`,
      'Record a baseline: trade-sim baseline record SCENARIO -o FILE.',
      error,
    );
  }
};

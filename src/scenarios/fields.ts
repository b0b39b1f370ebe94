import { z } from 'zod';
import { TradeSimError } from '../kernel/errors.ts';
import { parseDuration, parseRate } from '../kernel/units.ts';
import { parseShare, parseThreshold, withAbort } from './thresholds.ts';
import { quote, withHint } from './wording.ts';

/** The kinds of fields a scenarios file has. Each says in its own words what is wrong with a value. */

const DAY_MS = 24 * 3_600_000;
const MAX_RATE = 1_000_000;

/** Runs a parser of the kernel on a field's text; its usage error becomes a problem of the field. */
const readBy =
  <T>(parse: (text: string) => T, outOfBounds: (value: T) => string | undefined) =>
  (text: unknown, context: z.RefinementCtx): T => {
    try {
      const value = parse(String(text));
      const message = outOfBounds(value);
      if (message === undefined) return value;
      context.addIssue({ code: 'custom', message });
    } catch (error) {
      if (!(error instanceof TradeSimError)) throw error;
      context.addIssue({ code: 'custom', message: withHint(error.message, error.hint) });
    }
    return z.NEVER;
  };

/** `30s`, read as whole milliseconds from `minMs` up to a day. */
export const duration = (minMs: 0 | 1, description: string) =>
  z
    .string({
      error: ({ input }) =>
        withHint(
          input === undefined ? 'is missing' : `${quote(input)} is not a duration`,
          'Write a number and a unit: 500ms, 30s, 5m or 1h.',
        ),
    })
    .meta({ examples: ['500ms', '30s', '5m'] })
    .transform(
      readBy(
        (text) => Math.round(parseDuration(text)),
        (ms) => {
          if (ms < minMs) return `must be at least ${minMs}ms`;
          return ms > DAY_MS ? 'must be at most 24h' : undefined;
        },
      ),
    )
    .describe(description);

/** Millionths of a second's share are kept: what is read from a printed rate is the same number again. */
const roundRate = (perSecond: number): number => Math.round(perSecond * 1e6) / 1e6;

const rateFrom = (min: { readonly perSecond: number; readonly text: string }, description: string) =>
  z
    .union([z.number(), z.string()], {
      error: ({ input }) =>
        withHint(
          input === undefined ? 'is missing' : `${quote(input)} is not a rate`,
          'Write a number per unit of time: 500/s or 30/m.',
        ),
    })
    .meta({ examples: ['500/s', '30/m'] })
    .transform(
      readBy(
        (text) => roundRate(parseRate(text)),
        (perSecond) => {
          if (perSecond < roundRate(min.perSecond)) return `must be at least ${min.text}`;
          return perSecond > MAX_RATE ? 'must be at most 1,000,000/s' : undefined;
        },
      ),
    )
    .describe(description);

/** `2000/s`, `30/m` or a bare number, read as a number per second. */
export const rate = (description: string) => rateFrom({ perSecond: 1 / 3_600, text: '1/h' }, description);

/** A rate that may be none: `0/s`. */
export const rateOrNone = (description: string) => rateFrom({ perSecond: 0, text: '0/s' }, description);

export const whole = (min: number, max: number, description: string) =>
  z.int().min(min).max(max).describe(description);

const thresholdText = z
  .string()
  .meta({
    examples: [
      'order.latency:p99<200ms',
      'orders.failed:share<0.1%',
      'orders.accepted:rate>100/s',
      'order.latency:p99<500ms over 10s abort after 5s',
    ],
  })
  .transform(readBy(parseThreshold, () => undefined))
  .describe('metric:aggregate, a comparison and a value; then, if wanted: over, from, abort after');

const thresholdBlock = z
  .strictObject({
    threshold: thresholdText,
    abortOnFail: z.boolean().default(false).describe('a miss ends the load'),
    delayAbortEval: duration(0, 'the load goes on for at least this long; whole seconds')
      .refine((ms) => ms % 1_000 === 0, 'must be whole seconds')
      .optional(),
  })
  .refine(({ abortOnFail, delayAbortEval }) => abortOnFail || delayAbortEval === undefined, {
    path: ['delayAbortEval'],
    error: 'needs abortOnFail: true',
  })
  .transform(({ threshold, abortOnFail, delayAbortEval = 0 }) =>
    abortOnFail ? withAbort(threshold, delayAbortEval) : threshold,
  );

export const threshold = z.union([thresholdText, thresholdBlock]);

/** `0.5%`, read as a part of 1. */
export const share = (description: string) =>
  z
    .string({ error: ({ input }) => withHint(`${quote(input)} is not a share`, 'Write a percentage: 0.5%.') })
    .meta({ examples: ['0.1%', '99%'] })
    .transform(readBy(parseShare, (part) => (part > 1 ? 'must be at most 100%' : undefined)))
    .describe(description);

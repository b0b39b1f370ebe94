import { z } from 'zod';
import { sleep, type Clock } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import type { ReserveOutcome } from './port.ts';

/** Options of strategies that try again after a conflict. */
export const RETRY_OPTIONS = {
  maxRetries: z
    .int()
    .min(0)
    .max(1_000)
    .default(20)
    .describe('attempts after the first; then the order is given up as contended'),
  pauseMs: z
    .number()
    .min(0)
    .max(1_000)
    .default(1)
    .describe('longest pause before the first retry; doubled for each further one'),
  maxPauseMs: z.number().min(0).max(10_000).default(50).describe('longest pause before any retry'),
};

export interface RetryLimits {
  readonly maxRetries: number;
  readonly pauseMs: number;
  readonly maxPauseMs: number;
}

/** For strategies that meet a conflict only when another order has just freed the key that this one asks for. */
export const KEY_RETRIES: RetryLimits = { maxRetries: 20, pauseMs: 1, maxPauseMs: 50 };

/**
 * Repeats an attempt that met a conflict, with full-jitter exponential back-off (Brooker, "Exponential Backoff And
 * Jitter", 2015). The last attempt's conflict is the answer.
 */
export const retryConflicts = async (
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { maxRetries, pauseMs, maxPauseMs }: RetryLimits,
  attempt: () => Promise<ReserveOutcome>,
): Promise<ReserveOutcome> => {
  let outcome = await attempt();
  let capMs = Math.min(pauseMs, maxPauseMs);
  for (let retry = 0; retry < maxRetries && outcome.kind === 'conflict'; retry += 1) {
    await sleep(clock, random.next() * capMs);
    capMs = Math.min(capMs * 2, maxPauseMs);
    outcome = await attempt();
  }
  return outcome;
};

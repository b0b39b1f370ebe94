import { z } from 'zod';
import type { OrderRequest, PlaceOutcome } from '../../engine/types.ts';
import { sleep } from '../../kernel/clock.ts';
import type { Session } from '../journey.ts';

/** The options of a journey whose customers try again. */
export const retryOptions = {
  maxRetries: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('times an order is sent again, under the same key, when the shop was busy or did not answer'),
  retryMs: z
    .number()
    .min(0)
    .max(60_000)
    .default(100)
    .describe('longest wait before the first such retry, in milliseconds; it doubles with each one'),
};

export interface Retries {
  readonly maxRetries: number;
  readonly retryMs: number;
}

/**
 * Places an order as a careful client does: what is contended or unknown is sent again under its own key, so that it
 * is the same order. Waits in between are random below a bound that doubles ("full jitter": M. Brooker, "Exponential
 * Backoff and Jitter", AWS Architecture Blog, 2015).
 */
export const placePatiently = (
  session: Session,
  order: OrderRequest,
  retries: Retries,
): Promise<PlaceOutcome> =>
  retries.maxRetries === 0 ? session.target.place(order) : placeAgain(session, order, retries);

const placeAgain = async (
  { target, clock, random, signal }: Session,
  order: OrderRequest,
  { maxRetries, retryMs }: Retries,
): Promise<PlaceOutcome> => {
  for (let retry = 0; ; retry += 1) {
    const outcome = await target.place(order);
    const mayHelp = outcome.kind === 'contended' || outcome.kind === 'unknown';
    if (!mayHelp || retry === maxRetries) return outcome;
    const ended = await sleep(clock, random.next() * retryMs * 2 ** retry, signal);
    if (ended === 'aborted') return outcome;
  }
};

import { z } from 'zod';
import { formatDuration } from '../../kernel/units.ts';
import { duration, rate, rateOrNone } from '../fields.ts';
import { perSecond } from '../wording.ts';
import type { Executor } from './executor.ts';
import { inMs, openFields } from './fields.ts';
import { decay, linear, rateCurve } from './rate-curve.ts';

const block = z
  .strictObject({
    executor: z
      .literal('burst')
      .describe(
        'open model, the shape of a flash sale: some wait for the opening, many come with it, then ever fewer',
      ),
    rateBefore: rateOrNone(
      'customers per unit of time before the opening, who look and cannot order',
    ).prefault('0/s'),
    opensAfter: duration(0, 'when the sale opens').prefault('0s'),
    peakRate: rate('customers per unit of time at the opening'),
    halfLife: duration(1, 'in this time the rate halves, again and again'),
    duration: duration(1, 'how long the load lasts, the time before the opening included'),
    ...openFields,
  })
  .refine(({ opensAfter, duration }) => opensAfter < duration, {
    error: 'must be shorter than the duration',
    path: ['opensAfter'],
  });
const schema = block.transform(inMs);

/** A step at the opening, and exponential decay after it. */
export const burst: Executor<typeof schema> = {
  schema,
  fields: Object.keys(block.shape),
  describe({ peakRate, opensAfterMs, halfLifeMs, durationMs }) {
    const opening = opensAfterMs > 0 ? ` after ${formatDuration(opensAfterMs)}` : '';
    return `${perSecond(peakRate)}${opening}, halving every ${formatDuration(halfLifeMs)}, for ${formatDuration(durationMs)}`;
  },
  plan: ({ rateBefore, opensAfterMs, peakRate, halfLifeMs, durationMs, arrivals, maxVus }) => ({
    kind: 'arrivals',
    curve: rateCurve(
      linear(rateBefore, rateBefore, opensAfterMs),
      decay(peakRate, halfLifeMs, durationMs - opensAfterMs),
    ),
    spacing: arrivals,
    opensAfterMs,
    iterations: Infinity,
    maxVus,
  }),
};

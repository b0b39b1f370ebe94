import { z } from 'zod';
import { formatDuration } from '../../kernel/units.ts';
import { duration, rate } from '../fields.ts';
import { perSecond } from '../wording.ts';
import type { Executor } from './executor.ts';
import { inMs, openFields } from './fields.ts';
import { linear, rateCurve } from './rate-curve.ts';

const block = z.strictObject({
  executor: z
    .literal('constant-arrival-rate')
    .describe('open model: customers arrive whether or not others wait'),
  rate: rate('iterations started per unit of time, over all nodes'),
  duration: duration(1, 'how long the load lasts'),
  ...openFields,
});
const schema = block.transform(inMs);

/** Customers arrive at one rate from begin to end. */
export const constantArrivalRate: Executor<typeof schema> = {
  schema,
  fields: Object.keys(block.shape),
  describe: ({ rate, durationMs }) => `${perSecond(rate)} for ${formatDuration(durationMs)}`,
  plan: ({ rate, durationMs, arrivals, maxVus }) => ({
    kind: 'arrivals',
    curve: rateCurve(linear(rate, rate, durationMs)),
    spacing: arrivals,
    opensAfterMs: 0,
    iterations: Infinity,
    maxVus,
  }),
};

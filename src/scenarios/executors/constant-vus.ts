import { z } from 'zod';
import { formatDuration } from '../../kernel/units.ts';
import { duration, whole } from '../fields.ts';
import { countOf } from '../wording.ts';
import type { Executor } from './executor.ts';
import { inMs, loadTimes, vus } from './fields.ts';

const block = z
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
const schema = block.transform(inMs);

/** So many virtual users from begin to end. Ends after the time or the iterations, whichever comes first. */
export const constantVus: Executor<typeof schema> = {
  schema,
  fields: Object.keys(block.shape),
  describe({ vus, durationMs, iterations }) {
    const ends = [
      ...(durationMs === undefined ? [] : [formatDuration(durationMs)]),
      ...(iterations === undefined ? [] : [countOf(iterations, 'iteration')]),
    ];
    return `${countOf(vus, 'VU')} for ${ends.join(' or ')}`;
  },
  plan: ({ vus, durationMs = Infinity, iterations = Infinity }) => ({
    kind: 'users',
    levels: [{ fromVus: vus, toVus: vus, durationMs }],
    iterations,
    deal: 'in-turn',
  }),
};

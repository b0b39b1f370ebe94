import { z } from 'zod';
import { formatDuration } from '../../kernel/units.ts';
import { duration, whole } from '../fields.ts';
import { countOf } from '../wording.ts';
import type { Executor } from './executor.ts';
import { inMs, loadTimes, vus } from './fields.ts';

const block = z.strictObject({
  executor: z
    .literal('shared-iterations')
    .describe('closed model: virtual users take iterations from one pile until it is gone'),
  vus: vus('virtual users, over all nodes').default(50),
  iterations: whole(1, 1_000_000_000, 'iterations of all virtual users together'),
  duration: duration(1, 'when it ends at the latest').optional(),
  ...loadTimes,
});
const schema = block.transform(inMs);

/** A fixed amount of work, done as soon as it can be: a quick virtual user does more of it. Nodes have equal piles. */
export const sharedIterations: Executor<typeof schema> = {
  schema,
  fields: Object.keys(block.shape),
  describe({ vus, iterations, durationMs }) {
    const bound = durationMs === undefined ? '' : `, within ${formatDuration(durationMs)}`;
    return `${countOf(iterations, 'iteration')} shared by ${countOf(vus, 'VU')}${bound}`;
  },
  plan: ({ vus, iterations, durationMs = Infinity }) => ({
    kind: 'users',
    levels: [{ fromVus: vus, toVus: vus, durationMs }],
    iterations,
    deal: 'first-come',
  }),
};

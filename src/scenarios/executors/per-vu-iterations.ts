import { z } from 'zod';
import { formatDuration } from '../../kernel/units.ts';
import { duration, whole } from '../fields.ts';
import { countOf } from '../wording.ts';
import type { Executor } from './executor.ts';
import { inMs, loadTimes, vus } from './fields.ts';

const block = z.strictObject({
  executor: z
    .literal('per-vu-iterations')
    .describe('closed model: each virtual user does the same number of iterations'),
  vus: vus('virtual users, over all nodes').default(50),
  iterations: whole(1, 1_000_000, 'iterations of each virtual user').default(1),
  duration: duration(1, 'when it ends at the latest').optional(),
  ...loadTimes,
});
const schema = block.transform(inMs);

/** Every virtual user does its iterations and goes: the slowest one is waited for. */
export const perVuIterations: Executor<typeof schema> = {
  schema,
  fields: Object.keys(block.shape),
  describe({ vus, iterations, durationMs }) {
    const bound = durationMs === undefined ? '' : `, within ${formatDuration(durationMs)}`;
    return `${countOf(vus, 'VU')} with ${countOf(iterations, 'iteration')} each${bound}`;
  },
  plan: ({ vus, iterations, durationMs = Infinity }) => ({
    kind: 'users',
    levels: [{ fromVus: vus, toVus: vus, durationMs }],
    iterations: vus * iterations,
    deal: 'in-turn',
  }),
};

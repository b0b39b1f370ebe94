import { z } from 'zod';
import { formatDuration } from '../../kernel/units.ts';
import { whole } from '../fields.ts';
import { countOf } from '../wording.ts';
import type { Executor } from './executor.ts';
import { inMs, loadTimes, stagesOf, totalMs } from './fields.ts';
import { peakVus, type VuLevels } from './levels.ts';

const level = (description: string) => whole(0, 1_000_000, description);

const block = z
  .strictObject({
    executor: z
      .literal('ramping-vus')
      .describe('closed model: virtual users come and go in stages, each starting again when it is done'),
    startVus: level('virtual users at the begin, over all nodes').default(0),
    stages: stagesOf({ vus: level('virtual users at the end of the stage') }, 'one after another'),
    ...loadTimes,
  })
  .refine(({ startVus, stages }) => startVus > 0 || stages.some(({ vus }) => vus > 0), {
    error: 'never has a virtual user (Give a stage some.)',
    path: ['stages'],
  });
const schema = block.transform((fields) => ({ ...inMs(fields), durationMs: totalMs(fields.stages) }));

const levelsOf = ({ startVus, stages }: z.output<typeof schema>): VuLevels =>
  stages.map(({ vus, durationMs }, index) => ({
    fromVus: stages[index - 1]?.vus ?? startVus,
    toVus: vus,
    durationMs,
  }));

/** The number of virtual users moves in straight lines. One that is to go ends its iteration first. */
export const rampingVus: Executor<typeof schema> = {
  schema,
  fields: Object.keys(block.shape),
  describe: (config) =>
    `up to ${countOf(peakVus(levelsOf(config)), 'VU')} in ${countOf(config.stages.length, 'stage')}, ${formatDuration(config.durationMs)}`,
  plan: (config) => ({ kind: 'users', levels: levelsOf(config), iterations: Infinity, deal: 'in-turn' }),
};

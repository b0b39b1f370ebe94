import { z } from 'zod';
import { formatDuration } from '../../kernel/units.ts';
import { rateOrNone } from '../fields.ts';
import { countOf, perSecond } from '../wording.ts';
import type { Executor } from './executor.ts';
import { inMs, openFields, stagesOf, totalMs } from './fields.ts';
import { linear, rateCurve, type RateCurve } from './rate-curve.ts';

const block = z
  .strictObject({
    executor: z
      .literal('ramping-arrival-rate')
      .describe('open model: customers arrive at a rate that moves in stages'),
    startRate: rateOrNone('iterations started per unit of time at the begin, over all nodes').prefault('0/s'),
    stages: stagesOf({ rate: rateOrNone('the rate at the end of the stage') }, 'one after another'),
    ...openFields,
  })
  .refine(({ startRate, stages }) => startRate > 0 || stages.some(({ rate }) => rate > 0), {
    error: 'nobody ever arrives (Give a stage a rate.)',
    path: ['stages'],
  });
const schema = block.transform((fields) => ({ ...inMs(fields), durationMs: totalMs(fields.stages) }));

const curveOf = ({ startRate, stages }: z.output<typeof schema>): RateCurve =>
  rateCurve(
    ...stages.map(({ rate, durationMs }, index) =>
      linear(stages[index - 1]?.rate ?? startRate, rate, durationMs),
    ),
  );

/** The rate moves in straight lines; the arrivals follow it exactly, by the inverse of its integral. */
export const rampingArrivalRate: Executor<typeof schema> = {
  schema,
  fields: Object.keys(block.shape),
  describe: (config) =>
    `up to ${perSecond(curveOf(config).peakRate)} in ${countOf(config.stages.length, 'stage')}, ${formatDuration(config.durationMs)}`,
  plan: (config) => ({
    kind: 'arrivals',
    curve: curveOf(config),
    spacing: config.arrivals,
    opensAfterMs: 0,
    iterations: Infinity,
    maxVus: config.maxVus,
  }),
};

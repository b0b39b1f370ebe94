import { z } from 'zod';
import { duration, share } from './fields.ts';

/** What the load generator may come to before its figures are not to be trusted. Shares are parts of 1. */
export interface GeneratorLimits {
  /** What a generator beyond its limits does to the verdict: `inconclusive`, or nothing but a note. */
  readonly overLimits: 'inconclusive' | 'note';
  readonly minBegun: number;
  readonly maxDropped: number;
  readonly maxLatenessMs: number;
  readonly maxBusy: number;
  readonly maxLoopDelayMs: number;
  readonly maxSteal: number;
}

/** The block of a scenario; every limit is a choice of ours: docs/decisions/0013. */
export const generatorSchema = z
  .strictObject({
    overLimits: z
      .enum(['inconclusive', 'note'])
      .default('inconclusive')
      .describe('what a generator beyond its limits does to the verdict: inconclusive, or only a note'),
    minBegun: share('open loads: of the arrivals, begun before the load was to end').prefault('99%'),
    maxDropped: share('open loads: of the arrivals, dropped').prefault('0.1%'),
    maxLateness: duration(0, 'open loads: how late arrivals begin, 99th percentile').prefault('100ms'),
    maxBusy: share('open loads: the time that the busiest event loop is at work').prefault('98%'),
    maxLoopDelay: duration(
      0,
      'closed loads: how late an event loop is, 99th percentile, if that is longer than 99 of 100 orders take',
    ).prefault('50ms'),
    maxSteal: share("of the machine's CPU time, taken by others on its host").prefault('2%'),
  })
  .transform(({ maxLateness, maxLoopDelay, ...rest }): GeneratorLimits => ({
    ...rest,
    maxLatenessMs: maxLateness,
    maxLoopDelayMs: maxLoopDelay,
  }));

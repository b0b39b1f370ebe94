import { formatCount, formatDuration } from '../kernel/units.ts';
import { formatNumberOf, formatPerSecond, formatRatio } from './figures.ts';
import type { Result } from './model.ts';

type Row = readonly [label: string, figures: readonly string[]];

/** What the load generator says of itself, a row for each matter. A result of an earlier version says less. */
export const generatorRows = ({ generator, iterations, environment }: Result): Row[] => {
  const { eventLoopUtilization, loopDelayP99Ms, loopDelayMaxMs, gcPauses, gcPauseMs, gcPauseMaxMs } =
    generator;
  const { cpuRatio = null, stealRatio = null, arrivals = null, ceilingPerSecond = null } = generator;
  return [
    ...(ceilingPerSecond === null || ceilingPerSecond === 0
      ? []
      : [
          row('ceiling', [
            `${formatPerSecond(ceilingPerSecond)} empty iterations`,
            `${formatPerSecond(iterations.perSecond)} done, ${formatRatio(iterations.perSecond / ceilingPerSecond)} of it`,
          ]),
        ]),
    ...(arrivals === null
      ? []
      : [
          row('arrivals', [
            `${formatPerSecond(arrivals.duePerSecond)} due`,
            `${formatRatio(arrivals.begunRatio)} begun in time`,
            `${formatRatio(arrivals.droppedRatio)} dropped`,
            `p99 ${formatDuration(arrivals.latenessP99Ms)} late`,
          ]),
        ]),
    row('event loop', [
      `${formatRatio(eventLoopUtilization)} busy`,
      `p99 ${formatDuration(loopDelayP99Ms)} late`,
      ...(loopDelayMaxMs === undefined ? [] : [`at most ${formatDuration(loopDelayMaxMs)}`]),
    ]),
    row('garbage', [
      ...(gcPauses === undefined ? [] : [formatNumberOf(gcPauses, 'collection')]),
      `${formatDuration(gcPauseMs)} in all`,
      ...(gcPauseMaxMs === undefined ? [] : [`at most ${formatDuration(gcPauseMaxMs)}`]),
    ]),
    ...(cpuRatio === null
      ? []
      : [
          row('processor', [
            `${formatRatio(cpuRatio)} of ${formatCount(environment.cores)} cores taken`,
            stealRatio === null ? 'steal unknown' : `${formatRatio(stealRatio)} stolen`,
          ]),
        ]),
  ];
};

const row = (label: string, figures: readonly string[]): Row => [label, figures];

/** The limits that the generator was over, or that it was over none. */
export const generatorFindings = ({ generator }: Result): readonly string[] =>
  generator.saturated ? (generator.reasons ?? ['the figures may show its limit, not the system’s']) : [];

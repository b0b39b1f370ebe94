import { formatDuration } from '../kernel/units.ts';
import type { GeneratorLimits } from '../scenarios/generator.ts';
import type { Snapshot } from './snapshot.ts';
import { summarize } from './summary.ts';

/** How hard one thread that generates load had to work. */
export interface WorkerHealth {
  /** The share of time the event loop was busy, 0..1. */
  readonly eventLoopUtilization: number;
  /** How late something that became due at any moment would have been noticed. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly gcPauses: number;
  /** All garbage collections together. */
  readonly gcPauseMs: number;
  readonly gcPauseMaxMs: number;
}

/** What an open load asked for, and what came of it. */
export interface Arrivals {
  readonly duePerSecond: number;
  readonly begunPerSecond: number;
  /** Of those due, begun before the load was to end. */
  readonly begunRatio: number;
  readonly droppedRatio: number;
  readonly latenessP99Ms: number;
}

/** The load generator's own figures, over all workers. */
export interface GeneratorFigures extends WorkerHealth {
  readonly workers: readonly WorkerHealth[];
  /** Of all processors, taken by this process. */
  readonly cpuRatio: number | null;
  /** Of the machine's CPU time, taken by others on its host; null: not known. */
  readonly stealRatio: number | null;
  /** null in a closed load. */
  readonly arrivals: Arrivals | null;
}

const US_PER_MS = 1_000;

const ratio = (part: number | undefined, whole: number | undefined): number | null =>
  part === undefined || whole === undefined || whole <= 0 ? null : part / whole;

/** What one worker measured of itself. */
export const workerHealth = ({ histograms, counters }: Snapshot): WorkerHealth => {
  const delay = summarize(histograms['generator.loop-delay']);
  const pauses = summarize(histograms['generator.gc-pause']);
  return {
    eventLoopUtilization: Math.min(1, ratio(counters['generator.busy'], counters['generator.elapsed']) ?? 0),
    loopDelayP99Ms: delay.p99 / US_PER_MS,
    loopDelayMaxMs: delay.max / US_PER_MS,
    gcPauses: pauses.count,
    gcPauseMs: (pauses.mean * pauses.count) / US_PER_MS,
    gcPauseMaxMs: pauses.max / US_PER_MS,
  };
};

/** The worst of each figure; zeros for none. */
export const worstHealth = (workers: readonly WorkerHealth[]): WorkerHealth => {
  const worst = (figure: keyof WorkerHealth) => Math.max(0, ...workers.map((worker) => worker[figure]));
  return {
    eventLoopUtilization: worst('eventLoopUtilization'),
    loopDelayP99Ms: worst('loopDelayP99Ms'),
    loopDelayMaxMs: worst('loopDelayMaxMs'),
    gcPauses: worst('gcPauses'),
    gcPauseMs: worst('gcPauseMs'),
    gcPauseMaxMs: worst('gcPauseMaxMs'),
  };
};

/** `measured`: of all workers and of the machine, merged; `plannedMs`: how long arrivals were to come. */
export const generatorFigures = (
  workers: readonly Snapshot[],
  measured: Snapshot,
  plannedMs: number,
): GeneratorFigures => {
  const { counters } = measured;
  const each = workers.map(workerHealth);
  return {
    ...worstHealth(each),
    workers: each,
    cpuRatio: ratio(counters['generator.cpu'], counters['generator.cpu-capacity']),
    stealRatio: ratio(counters['generator.steal'], counters['generator.machine-time']),
    arrivals: arrivalsOf(measured, plannedMs),
  };
};

const arrivalsOf = ({ counters, histograms }: Snapshot, plannedMs: number): Arrivals | null => {
  const due = counters['arrivals.due'] ?? 0;
  const begun = counters['arrivals.begun'] ?? 0;
  if (due === 0) return null;
  const perSecond = 1_000 / Math.max(1, plannedMs);
  return {
    duePerSecond: due * perSecond,
    begunPerSecond: begun * perSecond,
    begunRatio: begun / due,
    droppedRatio: (counters['iterations.dropped'] ?? 0) / due,
    latenessP99Ms: summarize(histograms['schedule.lag']).p99 / US_PER_MS,
  };
};

const percent = (part: number): string => `${Number((part * 100).toPrecision(3))} %`;

/**
 * Why the figures may be the generator's own and not the system's; empty: they are to be trusted. In an open load
 * the customers must come when they are due. In a closed one they cannot be late, and a full event loop is normal,
 * since the engine is in it; but no order begins while it stands still, and no figure shows that.
 */
export const overLimits = (
  figures: GeneratorFigures,
  orderP99Ms: number | null,
  limits: GeneratorLimits,
): string[] => [
  ...(figures.arrivals === null
    ? stalls(figures, orderP99Ms, limits)
    : shortfalls(figures, figures.arrivals, limits)),
  ...(figures.stealRatio !== null && figures.stealRatio > limits.maxSteal
    ? [
        `${percent(figures.stealRatio)} of the machine's CPU time went to others on its host, more than ${percent(limits.maxSteal)}`,
      ]
    : []),
];

const shortfalls = (
  { eventLoopUtilization }: WorkerHealth,
  { begunRatio, droppedRatio, latenessP99Ms }: Arrivals,
  limits: GeneratorLimits,
): string[] => [
  ...(begunRatio < limits.minBegun
    ? [`${percent(begunRatio)} of the arrivals were begun in time, less than ${percent(limits.minBegun)}`]
    : []),
  ...(droppedRatio > limits.maxDropped
    ? [`${percent(droppedRatio)} of the arrivals were dropped, more than ${percent(limits.maxDropped)}`]
    : []),
  ...(latenessP99Ms > limits.maxLatenessMs
    ? [
        `arrivals began ${formatDuration(latenessP99Ms)} late (p99), more than ${formatDuration(limits.maxLatenessMs)}`,
      ]
    : []),
  ...(eventLoopUtilization > limits.maxBusy
    ? [
        `an event loop was ${percent(eventLoopUtilization)} busy, more than ${percent(limits.maxBusy)}: it has no room for a burst`,
      ]
    : []),
];

const stalls = (
  { loopDelayP99Ms }: WorkerHealth,
  orderP99Ms: number | null,
  { maxLoopDelayMs }: GeneratorLimits,
): string[] =>
  loopDelayP99Ms > maxLoopDelayMs && orderP99Ms !== null && loopDelayP99Ms > orderP99Ms
    ? [
        `an event loop stood still for ${formatDuration(loopDelayP99Ms)} (p99), longer than orders took (p99 ${formatDuration(orderP99Ms)}): the wait is missing from the figures`,
      ]
    : [];

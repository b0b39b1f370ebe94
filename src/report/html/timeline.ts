import type { Result } from '../model.ts';
import type { Chart } from './chart.ts';

type Row = Result['timeline'][number];

const MS_PER_SECOND = 1_000;

/** The start of the load and then the end of each interval, in seconds. Empty without intervals. */
export const timeAxisOf = ({ timeline }: Result): Chart['x'] => ({
  label: 'time',
  unit: 'seconds',
  values: timeline.length === 0 ? [] : [0, ...timeline.map(({ atMs }) => atMs / MS_PER_SECOND)],
});

/** A column on the time axis; `atStart`: its value when the load began. */
export const columnOf = (
  { timeline }: Result,
  name: keyof Row,
  atStart: number | null = null,
): (number | null)[] => (timeline.length === 0 ? [] : [atStart, ...timeline.map((row) => row[name] ?? null)]);

/**
 * A count as a number per second. The start has that of the first interval, since it is drawn as steps. An interval
 * that the end of the load cuts off has none: it would look like a collapse.
 */
export const perSecondOf = (
  { timeline, run }: Result,
  name: 'iterations' | 'accepted' | 'cacheLoads',
): (number | null)[] => {
  const lengthMs = timeline[0]?.atMs ?? MS_PER_SECOND;
  const rates = timeline.map((row) =>
    row.atMs - run.durationMs > lengthMs / 2 || row[name] === undefined
      ? null
      : row[name] / (lengthMs / MS_PER_SECOND),
  );
  return [...rates.slice(0, 1), ...rates];
};

/** Zero has no place on a log scale. */
export const aboveZero = (values: readonly (number | null)[]): (number | null)[] =>
  values.map((value) => (value === null ? null : Math.max(1, value)));

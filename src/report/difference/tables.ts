import { formatCount, formatDuration } from '../../kernel/units.ts';
import { formatMicros, formatNumberOf, formatPerSecond, formatRatio, NONE } from '../figures.ts';
import { OUTCOMES } from '../wording.ts';
import type { Difference, Pair } from './build.ts';

/** A part of the comparison in words, for any form. */
export interface Part {
  readonly title: string;
  readonly gist: string;
  /** None: everything is in the gist. */
  readonly heads: readonly string[];
  /** The first cell names the row; neighbours may share a name. */
  readonly rows: readonly (readonly string[])[];
}

/** `×1.03`: B in units of A. */
const ratioOf = ({ a, b }: Pair<number>): string =>
  a === null || b === null || a === 0 ? NONE : `×${Number((b / a).toPrecision(3))}`;

const FORMATS: Readonly<Record<Difference['figures'][number]['unit'], (value: number) => string>> = {
  'per-second': formatPerSecond,
  share: formatRatio,
  ms: (ms) => formatDuration(ms),
  count: (count) => (Number.isInteger(count) ? formatCount(count) : String(Number(count.toPrecision(3)))),
};

const figures = ({ figures: all }: Difference): Part => ({
  title: 'Figures',
  gist: 'of the whole load; ×: B in units of A',
  heads: ['', 'A', 'B', ''],
  rows: all.map(({ name, unit, ...pair }) => [
    name,
    ...[pair.a, pair.b].map((value) => (value === null ? NONE : FORMATS[unit](value))),
    ratioOf(pair),
  ]),
});

const LATENCIES = ['p50', 'p90', 'p99', 'p999', 'max'] as const;

const latency = ({ latency: all }: Difference): Part => ({
  title: 'Latency',
  gist: 'from the whole histograms',
  heads: ['', '', 'count', 'p50', 'p90', 'p99', 'p99.9', 'max'],
  rows: all.flatMap((row) => [
    ...(['a', 'b'] as const).map((side) => [
      row.metric,
      side.toUpperCase(),
      formatCount(row.count[side] ?? 0),
      ...LATENCIES.map((name) => formatMicros(row[name][side])),
    ]),
    [row.metric, '×', ratioOf(row.count), ...LATENCIES.map((name) => ratioOf(row[name]))],
  ]),
});

const outcomes = ({ outcomes: all }: Difference): Part => {
  const sum = (side: 'a' | 'b') => all.reduce((total, pair) => total + (pair[side] ?? 0), 0);
  const totals = { a: sum('a'), b: sum('b') };
  return {
    title: 'Orders',
    gist: 'how the attempts to place one ended',
    heads: ['', 'A', 'share', 'B', 'share'],
    rows: all.map(({ outcome, ...pair }) => [
      OUTCOMES.find((known) => known.outcome === outcome)?.label ?? outcome,
      ...(['a', 'b'] as const).flatMap((side) => {
        const count = pair[side] ?? 0;
        return [formatCount(count), formatRatio(totals[side] === 0 ? null : count / totals[side])];
      }),
    ]),
  };
};

const findings = ({ findings: all }: Difference): Part => {
  const differing = all.filter(({ a, b }) => a !== b).length;
  return {
    title: 'What was found',
    gist: differing === 0 ? 'the same in both' : `${formatNumberOf(differing, 'finding')} not the same`,
    heads: ['', 'A', 'B'],
    rows: all.map(({ name, a, b }) => [name, a ?? NONE, b ?? NONE]),
  };
};

const leaf = (value: unknown): string => {
  if (value === null) return NONE;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const configuration = ({ configuration: all }: Difference): Part => ({
  title: 'What differs in the configuration',
  gist: all.length === 0 ? 'nothing' : '',
  heads: ['', 'A', 'B'],
  rows: all.map(({ field, a, b }) => [field, leaf(a), leaf(b)]),
});

const environment = ({ environment: all, machinesDiffer }: Difference): Part => ({
  title: 'What differs around it',
  gist: machinesDiffer
    ? 'measured on two machines: the figures say as much of them as of what was run'
    : all.length === 0
      ? 'nothing: the same machine, versions and services'
      : '',
  heads: ['', 'A', 'B'],
  rows: all.map(({ what, a, b }) => [what, leaf(a), leaf(b)]),
});

/** The comparison, part by part. */
export const partsOf = (difference: Difference): Part[] =>
  [figures, latency, outcomes, findings, configuration, environment].map((part) => part(difference));

/** Which result is A and which is B, a line each. */
export const sidesOf = ({ runs }: Difference): string[] =>
  (['a', 'b'] as const).map((side) => {
    const { name, runs: count, scenario, verdict, startedAt, durationMs } = runs[side];
    return [
      `${side.toUpperCase()}: ${name}`,
      scenario,
      verdict,
      startedAt,
      `${formatDuration(durationMs)} of load${count > 1 ? ` in ${count} runs` : ''}`,
    ].join(' · ');
  });

/** What two results can and cannot show. */
export const caveatOf = ({ runs }: Difference): string =>
  runs.a.runs === 1 || runs.b.runs === 1
    ? 'Two single runs prove no regression: runs of one and the same thing differ by as much. trade-sim gate measures both in turns and says how sure it is.'
    : 'Runs of two times say nothing of what changed in between. trade-sim gate measures both in turns and says how sure it is.';

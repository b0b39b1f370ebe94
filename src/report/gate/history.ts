import { median } from '../../measure/quantiles.ts';
import { GATE_METRICS, type GateMetric } from './metrics.ts';
import type { GateReport, GateRound } from './model.ts';

const COLUMNS = [
  'time',
  'scenario',
  'revision',
  'verdict',
  'cpu',
  'cores',
  'trade_sim',
  'orders_per_second',
  'p50_us',
  'p95_us',
  'p99_us',
] as const;

/** The first line of a history: a time, attributes, then metrics, as Apache Otava reads them. */
export const HISTORY_HEADER = `${COLUMNS.join(',')}\n`;

type Measured = Pick<GateReport, 'scenario' | 'environment'> & {
  readonly startedAt: string;
  readonly verdict: string;
  readonly rounds: readonly GateRound[];
};

/** One line: medians over the candidate's rounds. At least one round. */
export const historyLine = (
  { startedAt, scenario, verdict, environment, rounds }: Measured,
  revision: string,
): string => {
  const own = rounds.filter(({ arm }) => arm === 'candidate');
  const figure = (metric: GateMetric) =>
    String(Math.round(median(own.map((round) => round[metric])) * 10) / 10);
  const cells = [
    startedAt,
    scenario,
    revision,
    verdict,
    environment.cpu,
    String(environment.cores),
    environment.tradeSim,
    ...GATE_METRICS.map(figure),
  ];
  return `${cells.map(quoted).join(',')}\n`;
};

/** RFC 4180. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

import { formatCount } from '../../kernel/units.ts';
import { median } from '../../measure/quantiles.ts';
import { SERVICE_LABELS, SERVICE_NAMES } from '../../services/types.ts';
import { formatNumberOf, NONE } from '../figures.ts';
import { flowing, heading, newPage, table } from '../layout.ts';
import { printable } from '../text.ts';
import type { Baseline } from './baseline.ts';
import { changeOf, GATE_METRICS, worseBy, type GateMetric } from './metrics.ts';
import { formatMetric, METRIC_LABELS, signed } from './wording.ts';

/** What a baseline holds, beside what its predecessor held. */
export const renderBaseline = (
  file: string,
  baseline: Baseline,
  former: Baseline | undefined,
  { columns, color }: { readonly columns: number; readonly color: boolean },
): string => {
  const page = newPage(columns, color);
  const { scenario, recordedAt, rounds, environment, services, calibration, command } = baseline;
  const figure = (of: Baseline, metric: GateMetric) => median(of.rounds.map((round) => round[metric]));
  const rate = (value: number | null) => (value === null ? NONE : `${formatCount(value)}/s`);
  const lines = [
    heading(
      page,
      printable(file),
      `${printable(scenario)}, ${formatNumberOf(rounds.length, 'round')}, recorded ${recordedAt}`,
    ),
    ...table(
      page,
      [
        { head: '', align: 'left' },
        { head: 'median', align: 'right' },
        { head: 'lowest', align: 'right' },
        { head: 'highest', align: 'right' },
        ...(former
          ? [{ head: 'before', align: 'right' } as const, { head: 'change', align: 'right' } as const]
          : []),
      ],
      GATE_METRICS.map((metric) => {
        const values = rounds.map((round) => round[metric]);
        const now = figure(baseline, metric);
        const since = former && changeOf(metric, worseBy(metric, figure(former, metric), now));
        return [
          METRIC_LABELS[metric],
          ...[now, Math.min(...values), Math.max(...values)].map((value) => formatMetric(metric, value)),
          ...(since === undefined ? [] : [formatMetric(metric, figure(former!, metric)), signed(since)]),
        ];
      }),
    ),
    ...flowing(page, [
      `${printable(environment.cpu)}, ${formatNumberOf(environment.cores, 'core')}`,
      `Node.js ${environment.node}`,
      `trade-sim ${environment.tradeSim}`,
      ...SERVICE_NAMES.map(
        (name) => `${SERVICE_LABELS[name]} ${printable(services[name].version)} (${services[name].origin})`,
      ),
    ]),
    ...flowing(page, [
      `calibration: CPU ${rate(calibration.cpu)}`,
      `Redis ${rate(calibration.redis)}`,
      `PostgreSQL ${rate(calibration.postgres)}`,
    ]),
    ...flowing(page, [printable(command)]),
  ];
  return `${lines.join('\n')}\n`;
};

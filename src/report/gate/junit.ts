import { type JunitCase, renderSuites } from '../junit-suites.ts';
import type { GateReport } from './model.ts';
import { formatDetectable, formatMetric, formatP, GATE_HEADLINES, METRIC_LABELS, signed } from './wording.ts';

/** A case for the verdict, for each metric and for each invariant. */
export const renderGateJunit = (report: GateReport): string =>
  renderSuites(`${report.scenario}.gate`, report.startedAt, report.durationMs / 1_000, [
    ['verdict', [verdictCase(report)]],
    ['metrics', report.metrics.map((finding) => metricCase(finding, report.verdict === 'informational'))],
    [
      'invariants',
      report.invariants.map(({ invariant, verdict, detail }) => ({
        name: invariant,
        outcome: verdict === 'held' ? 'passed' : verdict === 'violated' ? 'failed' : 'unknown',
        message: detail,
        details: [],
      })),
    ],
  ]);

/** An informational gate fails nothing: its figures are told in the case's message. */
const verdictCase = ({ verdict, reasons }: GateReport): JunitCase => ({
  name: 'verdict',
  outcome:
    verdict === 'passed' || verdict === 'informational'
      ? 'passed'
      : verdict === 'regression' || verdict === 'violated'
        ? 'failed'
        : 'unknown',
  message: GATE_HEADLINES[verdict][1],
  details: reasons,
});

const metricCase = (finding: GateReport['metrics'][number], informs: boolean): JunitCase => {
  const { metric, verdict, base, candidate, change, low, high, margin, holmP, detectable } = finding;
  return {
    name: metric,
    outcome: informs || verdict === 'passed' ? 'passed' : verdict === 'regression' ? 'failed' : 'unknown',
    message: `${METRIC_LABELS[metric]} ${signed(change)}, margin ${signed(margin)}`,
    details: [
      `base ${formatMetric(metric, base)}, candidate ${formatMetric(metric, candidate)}`,
      `95 % interval ${signed(low)} to ${signed(high)}, p ${formatP(holmP)} (Holm)`,
      `detectable ${formatDetectable(detectable)}`,
    ],
  };
};

import { formatNumberOf } from '../figures.ts';
import { comment, fenced, folded, list, plain, table } from '../markdown-text.ts';
import { printable } from '../text.ts';
import { MARKS, tally } from '../wording.ts';
import type { GateReport } from './model.ts';
import {
  formatDetectable,
  formatMetric,
  formatP,
  GATE_HEADLINES,
  METRIC_LABELS,
  METRIC_MARKS,
  signed,
} from './wording.ts';

/** A gate as a comment on a pull request. */
export const renderGateMarkdown = (report: GateReport): string => {
  const { verdict, scenario, reasons, base, pairs, exitCode, metrics, notes, command } = report;
  const parts = [
    `### ${GATE_HEADLINES[verdict][1]}: gate of ${plain(scenario)}`,
    list(reasons.map(plain)),
    `against ${plain(base)}, ${formatNumberOf(pairs, report.against === 'arm' ? 'pair' : 'round')}, exit ${exitCode}`,
    ...(metrics.length > 0 ? [figures(report)] : []),
    folded(
      `Audit: ${tally(report.invariants, 'held')}`,
      table(
        ['', 'found', ''],
        '---',
        report.invariants.map((found) => [
          plain(found.invariant),
          MARKS[found.verdict][1],
          plain(found.detail),
        ]),
      ),
    ),
    folded('Run it again', [fenced(printable(command)), list(notes.map(plain))].filter(Boolean).join('\n\n')),
  ];
  return comment(parts);
};

const figures = ({ metrics }: GateReport): string =>
  table(
    ['', 'base', 'candidate', 'change', '95 %', 'margin', 'p (Holm)', 'detectable', ''],
    '--:',
    metrics.map(({ metric, base, candidate, change, low, high, margin, holmP, detectable, verdict }) => [
      METRIC_LABELS[metric],
      formatMetric(metric, base),
      formatMetric(metric, candidate),
      signed(change),
      `${signed(low)} … ${signed(high)}`,
      signed(margin),
      formatP(holmP),
      formatDetectable(detectable),
      METRIC_MARKS[verdict][1],
    ]),
  );

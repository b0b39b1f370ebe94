import { formatCount, formatDuration } from '../kernel/units.ts';
import { formatMicros, formatNumberOf, formatPerSecond, formatRatio, NONE } from './figures.ts';
import { generatorRows } from './generator-rows.ts';
import { comment, fenced, folded, list, plain, table } from './markdown-text.ts';
import type { Result } from './model.ts';
import { stepCells, stepHeads } from './steps.ts';
import { printable } from './text.ts';
import { formatActual, HEADLINES, MARKS, OUTCOMES, tally } from './wording.ts';

const MAX_REASONS = 6;
const MAX_OFFENDERS = 3;

const headline = ({ verdict, run, reasons, exitCode }: Result): string => {
  const left = reasons.length - MAX_REASONS;
  return [
    `### ${HEADLINES[verdict][1]}: ${plain(run.scenario)}`,
    list([...reasons.slice(0, MAX_REASONS).map(plain), ...(left > 0 ? [`… and ${left} more`] : [])]),
    `${formatDuration(run.durationMs)}, ${formatNumberOf(run.nodes, 'node')}, ` +
      `${formatNumberOf(run.vus, 'virtual user')}, seed ${run.seed}, exit ${exitCode}`,
  ].join('\n\n');
};

const figures = ({ orders, latency, cache, lock }: Result): string => {
  const order = latency['order.latency'];
  const latencyFigure = (name: 'p50' | 'p99') => (order.count === 0 ? NONE : formatMicros(order[name]));
  return table(['', 'figure'], '--:', [
    ['orders attempted', `${formatCount(orders.attempted)}, ${formatPerSecond(orders.attemptedPerSecond)}`],
    ['orders accepted', `${formatCount(orders.accepted)}, ${formatPerSecond(orders.acceptedPerSecond)}`],
    ['order latency p50', latencyFigure('p50')],
    ['order latency p99', latencyFigure('p99')],
    ['locks won', formatRatio(lock.acquireRatio)],
    ['cache hits', formatRatio(cache.hitRatio)],
  ]);
};

const findings = ({ audit, thresholds }: Result): string => {
  const audited = audit.map(({ invariant, verdict, detail, offenders }) => [
    plain(invariant),
    MARKS[verdict][1],
    [detail, ...offenders.slice(0, MAX_OFFENDERS)].map(plain).join('<br>'),
  ]);
  const judged = thresholds.map((threshold) => [
    plain(threshold.text),
    MARKS[threshold.verdict][1],
    formatActual(threshold),
  ]);
  const summary =
    `Audit: ${tally(audit, 'held')}` +
    (thresholds.length === 0 ? '' : `; thresholds: ${tally(thresholds, 'passed')}`);
  return folded(summary, table(['', 'found', ''], '---', [...audited, ...judged]));
};

const outcomes = ({ orders }: Result): string =>
  folded(
    'How orders ended',
    table(
      ['outcome', 'attempts', 'share'],
      '--:',
      OUTCOMES.map(({ outcome, label }) => [
        label,
        formatCount(orders[outcome]),
        formatRatio(orders.attempted === 0 ? 0 : orders[outcome] / orders.attempted),
      ]),
    ),
  );

const stages = ({ latency }: Result): string =>
  folded(
    'Latency by stage',
    table(
      ['stage', 'count', 'p50', 'p90', 'p99', 'max'],
      '--:',
      Object.entries(latency).map(([metric, summary]) => [
        plain(metric),
        formatCount(summary.count),
        ...(['p50', 'p90', 'p99', 'max'] as const).map((name) =>
          summary.count === 0 ? NONE : formatMicros(summary[name]),
        ),
      ]),
    ),
  );

const steps = (result: Result): string =>
  (result.steps ?? []).length === 0
    ? ''
    : folded(
        'Latency by step',
        table(
          [...stepHeads(result), 'count', 'p50', 'p90', 'p99', 'max'],
          '--:',
          (result.steps ?? []).map((row) => [
            ...stepCells(result, row).map(plain),
            formatCount(row.latency.count),
            ...(['p50', 'p90', 'p99', 'max'] as const).map((name) => formatMicros(row.latency[name])),
          ]),
        ),
      );

const origin = ({ run, notes }: Result): string =>
  folded(
    'Run it again',
    [fenced(printable(run.command)), list(notes.map(plain))].filter(Boolean).join('\n\n'),
  );

const generator = (result: Result): string =>
  folded(
    `Load generator: ${result.generator.saturated ? 'over its limits' : 'healthy'}`,
    table(
      ['', 'figures'],
      '---',
      generatorRows(result).map(([label, figures]) => [label, figures.join(', ')]),
    ),
  );

/** The result as a comment on a pull request: what matters is seen, the rest is folded. GitHub and GitLab flavour. */
export const renderMarkdown = (result: Result): string =>
  comment(
    [headline, figures, findings, outcomes, stages, steps, generator, origin]
      .map((part) => part(result))
      .filter((part) => part !== ''),
  );

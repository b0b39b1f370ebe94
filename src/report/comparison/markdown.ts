import type { Comparison } from '../comparison.ts';
import { comment, fenced, folded, list, plain, table } from '../markdown-text.ts';
import { printable } from '../text.ts';
import { bestOf, FIGURES, sortArms, type Figure } from './columns.ts';
import {
  CRITERIA,
  DECISION_NOTES,
  decisionCells,
  formatInterval,
  gistOf,
  remarksOf,
  scalingWords,
  titleOf,
} from './wording.ts';

const MAX_REMARKS = 8;
const ALL: readonly Figure[] = Object.values(FIGURES);

/** The comparison as a comment on a pull request: what matters is seen, the rest is folded. */
export const renderComparisonMarkdown = (comparison: Comparison): string => {
  const { command, scalability } = comparison;
  const remarks = remarksOf(comparison);
  const left = remarks.length - MAX_REMARKS;
  const parts = [
    `### ${plain(titleOf(comparison))}: ${gistOf(comparison)}`,
    list([
      ...remarks.slice(0, MAX_REMARKS).map(({ text }) => plain(text)),
      ...(left > 0 ? [`… and ${left} more`] : []),
    ]),
    figures(comparison),
    folded('Decision: the five criteria', `${decision(comparison)}\n\n${DECISION_NOTES.join('\n\n')}`),
    ...(scalability.length === 0
      ? []
      : [
          folded(
            'Scalability: Universal Scalability Law',
            list(scalability.map((one) => plain(`${one.design || 'as configured'}: ${scalingWords(one)}`))),
          ),
        ]),
    folded('Run it again', fenced(printable(command))),
  ];
  return comment(parts.filter((part) => part !== ''));
};

const figures = (comparison: Comparison): string => {
  const arms = sortArms(comparison.arms, 'orders');
  const best = ALL.map((figure) => bestOf(arms, figure));
  return table(
    ['combination', 'verdict', ...ALL.map(({ head }) => head), 'orders/s, 95 %'],
    '--:',
    arms.map((arm) => [
      plain(arm.label || 'as configured'),
      arm.verdict,
      ...ALL.map((figure, i) => {
        const text = figure.format(figure.value(arm));
        return best[i] === arm ? `**${text}**` : text;
      }),
      formatInterval(arm.ordersPerSecond, FIGURES.orders),
    ]),
  );
};

const decision = ({ decision: rows }: Comparison): string =>
  table(
    ['combination', ...CRITERIA],
    '---',
    rows.map((row) => [
      plain(row.design || 'as configured'),
      ...decisionCells(row).map((lines) => lines.map(plain).join('<br>')),
    ]),
  );

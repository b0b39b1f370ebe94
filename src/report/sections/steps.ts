import { formatCount } from '../../kernel/units.ts';
import { formatMicros } from '../figures.ts';
import { type Column, heading, type Page, table } from '../layout.ts';
import type { Result } from '../model.ts';
import { stepCells, stepHeads } from '../steps.ts';
import { printable, truncate } from '../text.ts';

const PERCENTILES = ['p50', 'p90', 'p99', 'max'] as const;
const TAG_COLUMNS = 13;
const FIGURE_COLUMNS = 8;

/** How long each step of the customers took, by how it ended: as thresholds on `step.latency` see it. */
export const stepsSection = (result: Result, page: Page): string[] => {
  const { steps = [] } = result;
  if (steps.length === 0) return [];
  const columns: readonly Column[] = [
    ...stepHeads(result).map((head): Column => ({ head, align: 'left' })),
    { head: 'count', align: 'right' },
    ...PERCENTILES.map((head): Column => ({ head, align: 'right', width: FIGURE_COLUMNS })),
  ];
  const rows = steps.map((row) => [
    ...stepCells(result, row).map((cell) => truncate(printable(cell), TAG_COLUMNS)),
    formatCount(row.latency.count),
    ...PERCENTILES.map((name) => formatMicros(row.latency[name])),
  ]);
  return [heading(page, 'Steps'), ...table(page, columns, rows)];
};

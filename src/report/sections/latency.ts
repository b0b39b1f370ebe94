import { formatCount } from '../../kernel/units.ts';
import { formatMicros, NONE } from '../figures.ts';
import { type Column, heading, type Page, table } from '../layout.ts';
import type { Result } from '../model.ts';
import { printable, truncate } from '../text.ts';

const PERCENTILES = ['p50', 'p90', 'p95', 'p99', 'max'] as const;
const METRIC_COLUMNS = 18;
const FIGURE_COLUMNS = 9;

const COLUMNS: readonly Column[] = [
  { head: '', align: 'left' },
  { head: 'count', align: 'right' },
  ...PERCENTILES.map((head): Column => ({ head, align: 'right', width: FIGURE_COLUMNS })),
];

/** Where the time went: one line per stage, under the names that thresholds use. */
export const latencySection = ({ latency }: Result, page: Page): string[] => [
  heading(page, 'Latency'),
  ...table(
    page,
    COLUMNS,
    Object.entries(latency).map(([metric, summary]) => {
      const name = truncate(printable(metric), METRIC_COLUMNS);
      return summary.count === 0
        ? [name, ...['count', ...PERCENTILES].map(() => NONE)].map((cell) => page.paint('quiet', cell))
        : [name, formatCount(summary.count), ...PERCENTILES.map((name) => formatMicros(summary[name]))];
    }),
  ),
];

import type { Result } from './model.ts';

const COLUMNS = {
  at_ms: 'atMs',
  iterations: 'iterations',
  accepted: 'accepted',
  p50_us: 'p50',
  p99_us: 'p99',
  cache_hit_ratio: 'cacheHitRatio',
  stock_left: 'stockLeft',
  cache_loads: 'cacheLoads',
  queue_depth: 'queueDepth',
  persist_lag_p99_us: 'persistLagP99',
} as const;

/** The timeline for a spreadsheet (RFC 4180): a line per interval; an empty cell where there is no value. */
export const renderCsv = ({ timeline }: Result): string =>
  [Object.keys(COLUMNS), ...timeline.map((row) => Object.values(COLUMNS).map((name) => row[name] ?? ''))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');

const EIGHTHS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * The last `columns` values as bars between 0 and the highest of them; a blank where there is none. As wide as
 * `columns`, the newest value last.
 */
export const sparkline = (values: readonly (number | null)[], columns: number): string => {
  const shown = values.slice(Math.max(0, values.length - columns));
  const highest = Math.max(...shown.map((value) => value ?? 0));
  const bar = (value: number | null): string => {
    if (value === null) return ' ';
    const share = highest > 0 ? value / highest : 0;
    return EIGHTHS[Math.min(EIGHTHS.length - 1, Math.max(0, Math.floor(share * EIGHTHS.length)))]!;
  };
  return shown.map(bar).join('').padStart(columns);
};

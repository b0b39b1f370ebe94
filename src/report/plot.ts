const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ROWS = 6;

export interface Plot {
  /** Of equal spans of the horizontal axis, from 0; the caller has as many as there is room for. */
  readonly values: readonly number[];
  readonly highest: number;
  /** The ends of the axes, in words. */
  readonly labels: {
    readonly top: string;
    readonly bottom: string;
    readonly left: string;
    readonly right: string;
  };
}

/** Columns that are left for values beside the labels. */
export const plotWidth = (columns: number, { top, bottom }: Plot['labels']): number =>
  columns - Math.max(top.length, bottom.length) - 2;

/** Values over time as bars of block characters, exact to an eighth of a line; a value above 0 is never invisible. */
export const renderPlot = ({ values, highest, labels }: Plot): string => {
  const margin = Math.max(labels.top.length, labels.bottom.length);
  const eighths = values.map((value) =>
    value > 0 ? Math.max(1, Math.round((value / highest) * ROWS * 8)) : 0,
  );
  const lines = Array.from({ length: ROWS }, (_, index) => {
    const below = (ROWS - 1 - index) * 8;
    const label = index === 0 ? labels.top : index === ROWS - 1 ? labels.bottom : '';
    const bars = eighths.map((height) => EIGHTHS[Math.min(8, Math.max(0, height - below))]);
    return `${label.padStart(margin)} │${bars.join('')}`.trimEnd();
  });
  const axis = `${' '.repeat(margin)} └${'─'.repeat(values.length)}`;
  const ends = `${labels.left}${labels.right.padStart(values.length - labels.left.length)}`;
  return [...lines, axis, `${' '.repeat(margin + 2)}${ends}`].join('\n');
};

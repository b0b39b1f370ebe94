import { formatCount, formatDuration } from '../kernel/units.ts';

/** Stands for a value that there is none of. */
export const NONE = '–';

export const formatMicros = (micros: number | null): string =>
  micros === null ? NONE : formatDuration(micros / 1_000);

/** A count for a narrow column: `1,234`, `12.5M`. */
export const formatUnits = (count: number | null): string => {
  if (count === null) return NONE;
  return Math.abs(count) < 10_000_000
    ? formatCount(count)
    : count.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 2 });
};

/** `95.2 %`. Never rounded up to 100 % nor down to 0 %: one order of a million is not none. */
export const formatRatio = (ratio: number | null): string => {
  if (ratio === null) return NONE;
  const percent = (ratio * 100).toFixed(1);
  if (percent === '100.0') return ratio < 1 ? '>99.9 %' : '100 %';
  if (percent === '0.0') return ratio > 0 ? '<0.1 %' : '0 %';
  return `${percent} %`;
};

export const formatPerSecond = (perSecond: number): string =>
  `${perSecond < 100 ? perSecond.toFixed(1) : formatCount(perSecond)}/s`;

export const formatMemory = (bytes: number): string => `${Math.round(bytes / 2 ** 30)} GB`;

/** `1 unit`, `2 units`. */
export const formatNumberOf = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

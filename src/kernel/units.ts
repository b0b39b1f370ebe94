import { usageError } from './errors.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads `200ms`, `1.5s`, `10m` or `1h` as milliseconds. Throws a usage error that names the accepted forms. */
export const parseDuration = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text.trim());
  if (!match)
    throw usageError(`"${text}" is not a duration`, 'Write a number and a unit: 500ms, 30s, 5m or 1h.');
  return Number(match[1]) * MS_PER_UNIT[match[2]!]!;
};

/** Reads `500/s`, `30/m` or a bare `500` (per second) as a number per second. */
export const parseRate = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text.trim());
  if (!match) throw usageError(`"${text}" is not a rate`, 'Write a number per unit of time: 500/s or 30/m.');
  return (Number(match[1]) * 1_000) / MS_PER_UNIT[match[2] ?? 's']!;
};

/** Writes milliseconds for people: `850µs`, `12.3ms`, `4.20s`, `3m 05s`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1) return `${Math.round(ms * 1_000)}µs`;
  if (ms < 10) return `${ms.toFixed(2)}ms`;
  if (ms < 1_000) return `${ms.toFixed(ms < 100 ? 1 : 0)}ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)}s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
};

/** Writes a count with thousands separated: `12,345`. */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-US');

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

const threeDigits = (value: number): string => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);

/** Writes milliseconds for people: `850µs`, `12.3ms`, `4.20s`, `3m 05s`, `1h 30m`. */
export const formatDuration = (ms: number): string => {
  if (ms < 0.9995) return `${Math.round(ms * 1_000)}µs`;
  if (ms < 999.5) return `${threeDigits(ms)}ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1_000)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${twoPlaces(seconds % 60)}s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)}h ${twoPlaces(minutes % 60)}m`;
};

const twoPlaces = (value: number): string => String(value).padStart(2, '0');

/** Writes a count with thousands separated: `12,345`. */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en-US');

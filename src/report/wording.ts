import { formatCount, formatDuration } from '../kernel/units.ts';
import { formatMicros, formatPerSecond, formatRatio, NONE } from './figures.ts';
import type { Tone } from './layout.ts';
import type { Result } from './model.ts';

/** The sign says it too, where there are no colours. */
export const HEADLINES: Readonly<Record<Result['verdict'], readonly [tone: Tone, words: string]>> = {
  passed: ['good', '✔ PASSED'],
  violated: ['bad', '✘ VIOLATED'],
  'threshold-failed': ['bad', '✘ THRESHOLD FAILED'],
  inconclusive: ['doubtful', '? INCONCLUSIVE'],
  'service-lost': ['bad', '✘ SERVICE LOST'],
  interrupted: ['doubtful', '‖ INTERRUPTED'],
};

/** What was found of an invariant or a threshold. */
export type FindingVerdict = Result['audit'][number]['verdict'] | Result['thresholds'][number]['verdict'];

export const MARKS: Readonly<Record<FindingVerdict, readonly [tone: Tone, words: string]>> = {
  held: ['good', '✔ held'],
  passed: ['good', '✔ passed'],
  violated: ['bad', '✘ VIOLATED'],
  failed: ['bad', '✘ FAILED'],
  unknown: ['doubtful', '? unknown'],
};

type Outcome = 'accepted' | 'replayed' | 'soldOut' | 'limitReached' | 'contended' | 'failed' | 'unknown';

/** `tone`: of an outcome that is bad news as soon as there is one. */
export const OUTCOMES: readonly {
  readonly outcome: Outcome;
  readonly label: string;
  readonly tone?: Tone;
}[] = [
  { outcome: 'accepted', label: 'accepted' },
  { outcome: 'replayed', label: 'replayed' },
  { outcome: 'soldOut', label: 'sold out' },
  { outcome: 'limitReached', label: 'limit reached' },
  { outcome: 'contended', label: 'contended' },
  { outcome: 'failed', label: 'failed', tone: 'bad' },
  { outcome: 'unknown', label: 'unknown', tone: 'doubtful' },
];

/** `6 of 7 held`. */
export const tally = (
  findings: readonly { readonly verdict: FindingVerdict }[],
  good: FindingVerdict,
): string => `${findings.filter(({ verdict }) => verdict === good).length} of ${findings.length} ${good}`;

/** What a threshold measured, in the unit that its limit was written in; of windows, that of the worst one. */
export const formatActual = ({ text, actual, windowEndMs }: Result['thresholds'][number]): string => {
  if (actual === null) return NONE;
  const when = windowEndMs === undefined ? '' : ` until ${formatDuration(windowEndMs)}`;
  return `${formatInUnitOf(text, actual)}${when}`;
};

const formatInUnitOf = (text: string, actual: number): string => {
  const [limit = ''] = /[^<>=]*$/.exec(text.split(' ')[0]!) ?? [];
  if (limit.endsWith('%')) return formatRatio(actual);
  if (/\d(?:us|ms|s|m|h)$/.test(limit)) return formatMicros(actual);
  return text.includes(':rate') ? formatPerSecond(actual) : formatCount(actual);
};

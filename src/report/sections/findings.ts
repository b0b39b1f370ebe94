import { formatCount } from '../../kernel/units.ts';
import { formatMicros, formatPerSecond, formatRatio, NONE } from '../figures.ts';
import { bounded, heading, type Page, table, type Tone } from '../layout.ts';
import type { Result } from '../model.ts';
import { displayWidth, printable, remark, truncate, wrap } from '../text.ts';

const MAX_OFFENDERS = 3;
const NAME_COLUMNS = 34;

type Verdict = Result['audit'][number]['verdict'] | Result['thresholds'][number]['verdict'];

const MARKS: Readonly<Record<Verdict, readonly [tone: Tone, words: string]>> = {
  held: ['good', '✔ held'],
  passed: ['good', '✔ passed'],
  violated: ['bad', '✘ VIOLATED'],
  failed: ['bad', '✘ FAILED'],
  unknown: ['doubtful', '? unknown'],
};

interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  /** Paragraphs. */
  readonly details: readonly string[];
}

const findingsTable = (page: Page, findings: readonly Finding[]): string[] => {
  const names = findings.map(({ name }) => truncate(printable(name), NAME_COLUMNS));
  const nameColumns = Math.max(...names.map(displayWidth)) + 2;
  const markColumns = Math.max(...findings.map(({ verdict }) => MARKS[verdict][1].length)) + 2;
  const detailColumns = page.width - nameColumns - markColumns;
  return table(
    page,
    [nameColumns, markColumns, detailColumns].map((width) => ({ head: '', align: 'left', width })),
    findings.map(({ verdict, details }, index) => {
      const [tone, words] = MARKS[verdict];
      const lines = details.flatMap((detail) => wrap(detail, detailColumns - 2));
      return [names[index]!, page.paint(tone, words), lines.join('\n')];
    }),
  );
};

const tally = (verdicts: readonly Verdict[], good: Verdict): string =>
  `${verdicts.filter((verdict) => verdict === good).length} of ${verdicts.length} ${good}`;

/** What the audit found, invariant by invariant, with the first offenders. */
export const auditSection = ({ audit }: Result, page: Page): string[] => {
  if (audit.length === 0) return [heading(page, 'Audit', page.paint('doubtful', '? nothing was audited'))];
  const findings = audit.map(({ invariant, verdict, detail, offenders }) => ({
    name: invariant,
    verdict,
    details: [remark(detail), ...bounded(offenders.map(remark), MAX_OFFENDERS, '- ')],
  }));
  const verdicts = audit.map(({ verdict }) => verdict);
  return [heading(page, 'Audit', tally(verdicts, 'held')), ...findingsTable(page, findings)];
};

/** In the unit that the limit was written in. */
const formatActual = ({ text, actual }: Result['thresholds'][number]): string => {
  if (actual === null) return NONE;
  if (text.endsWith('%')) return formatRatio(actual);
  if (/\d(?:us|ms|s|m|h)$/.test(text)) return formatMicros(actual);
  return text.includes(':rate') ? formatPerSecond(actual) : formatCount(actual);
};

/** Each limit that was asked for, beside what was measured. */
export const thresholdsSection = ({ thresholds }: Result, page: Page): string[] => {
  if (thresholds.length === 0) return [];
  const findings = thresholds.map((threshold) => ({
    name: threshold.text,
    verdict: threshold.verdict,
    details: [formatActual(threshold)],
  }));
  const verdicts = thresholds.map(({ verdict }) => verdict);
  return [heading(page, 'Thresholds', tally(verdicts, 'passed')), ...findingsTable(page, findings)];
};

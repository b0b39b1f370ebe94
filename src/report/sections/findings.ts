import { bounded, heading, type Page, table } from '../layout.ts';
import type { Result } from '../model.ts';
import { displayWidth, printable, remark, wrap } from '../text.ts';
import { type FindingVerdict, formatActual, MARKS, tally } from '../wording.ts';

const MAX_OFFENDERS = 3;
/** Of 80 columns they leave enough for what was found. */
const NAME_COLUMNS = 46;

interface Finding {
  readonly name: string;
  readonly verdict: FindingVerdict;
  /** Paragraphs. */
  readonly details: readonly string[];
}

const findingsTable = (page: Page, findings: readonly Finding[]): string[] => {
  const names = findings.map(({ name }) => wrap(printable(name), NAME_COLUMNS));
  const nameColumns = Math.max(...names.flat().map(displayWidth)) + 2;
  const markColumns = Math.max(...findings.map(({ verdict }) => MARKS[verdict][1].length)) + 2;
  const detailColumns = page.width - nameColumns - markColumns;
  return table(
    page,
    [nameColumns, markColumns, detailColumns].map((width) => ({ head: '', align: 'left', width })),
    findings.map(({ verdict, details }, index) => {
      const [tone, words] = MARKS[verdict];
      const lines = details.flatMap((detail) => wrap(detail, detailColumns - 2));
      return [names[index]!.join('\n'), page.paint(tone, words), lines.join('\n')];
    }),
  );
};

/** What the audit found, invariant by invariant, with the first offenders. */
export const auditSection = ({ audit }: Result, page: Page): string[] => {
  if (audit.length === 0) return [heading(page, 'Audit', page.paint('doubtful', '? nothing was audited'))];
  const findings = audit.map(({ invariant, verdict, detail, offenders }) => ({
    name: invariant,
    verdict,
    details: [remark(detail), ...bounded(offenders.map(remark), MAX_OFFENDERS, '- ')],
  }));
  return [heading(page, 'Audit', tally(audit, 'held')), ...findingsTable(page, findings)];
};

/** Each limit that was asked for, beside what was measured. */
export const thresholdsSection = ({ thresholds }: Result, page: Page): string[] => {
  if (thresholds.length === 0) return [];
  const findings = thresholds.map((threshold) => ({
    name: threshold.text,
    verdict: threshold.verdict,
    details: [formatActual(threshold)],
  }));
  return [heading(page, 'Thresholds', tally(thresholds, 'passed')), ...findingsTable(page, findings)];
};

import { type JunitCase, renderSuites } from './junit-suites.ts';
import type { Result } from './model.ts';
import { formatActual, HEADLINES } from './wording.ts';

/** The run as a whole: what ended early or exercised nothing fails here, whatever the cases below could not see. */
const verdictCase = ({ verdict, reasons }: Result): JunitCase => ({
  name: 'verdict',
  outcome:
    verdict === 'passed'
      ? 'passed'
      : verdict === 'violated' || verdict === 'threshold-failed'
        ? 'failed'
        : 'unknown',
  message: HEADLINES[verdict][1],
  details: reasons,
});

const auditCases = ({ audit }: Result): JunitCase[] =>
  audit.map(({ invariant, verdict, detail, offenders }) => ({
    name: invariant,
    outcome: verdict === 'held' ? 'passed' : verdict === 'violated' ? 'failed' : 'unknown',
    message: detail,
    details: offenders,
  }));

const thresholdCases = ({ thresholds }: Result): JunitCase[] =>
  thresholds.map((threshold) => ({
    name: threshold.text,
    outcome: threshold.verdict,
    message: `measured ${formatActual(threshold)}`,
    details: [],
  }));

/** A case for the verdict, for each invariant and for each threshold. */
export const renderJunit = (result: Result): string => {
  const { run } = result;
  return renderSuites(run.scenario, run.startedAt, run.durationMs / 1_000, [
    ['run', [verdictCase(result)]],
    ['invariants', auditCases(result)],
    ['thresholds', thresholdCases(result)],
  ]);
};

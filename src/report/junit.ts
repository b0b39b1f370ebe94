import { html as xml, type Markup, NOTHING } from './html/markup.ts';
import type { Result } from './model.ts';
import { formatActual, HEADLINES } from './wording.ts';

type Outcome = 'passed' | 'failed' | 'unknown';

interface Case {
  readonly name: string;
  readonly outcome: Outcome;
  readonly message: string;
  /** More about a failure, a line each. */
  readonly details: readonly string[];
}

/** The run as a whole: what ended early or exercised nothing fails here, whatever the cases below could not see. */
const verdictCase = ({ verdict, reasons }: Result): Case => ({
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

const auditCases = ({ audit }: Result): Case[] =>
  audit.map(({ invariant, verdict, detail, offenders }) => ({
    name: invariant,
    outcome: verdict === 'held' ? 'passed' : verdict === 'violated' ? 'failed' : 'unknown',
    message: detail,
    details: offenders,
  }));

const thresholdCases = ({ thresholds }: Result): Case[] =>
  thresholds.map((threshold) => ({
    name: threshold.text,
    outcome: threshold.verdict,
    message: `measured ${formatActual(threshold)}`,
    details: [],
  }));

const renderCase = (className: string, { name, outcome, message, details }: Case): Markup => {
  const text = [message, ...details].join('\n');
  const problem =
    outcome === 'passed'
      ? NOTHING
      : outcome === 'failed'
        ? xml`<failure message="${message}">${text}</failure>`
        : xml`<error message="${message}">${text}</error>`;
  return xml`    <testcase classname="${className}" name="${name}" time="0">${problem}</testcase>\n`;
};

const attributes = (cases: readonly Case[], seconds: number): Markup => {
  const number = (outcome: Outcome) => cases.filter((one) => one.outcome === outcome).length;
  return xml`tests="${cases.length}" failures="${number('failed')}" errors="${number('unknown')}" skipped="0" time="${seconds}"`;
};

/**
 * JUnit XML, as CI servers read it: a case for the verdict, for each invariant and for each threshold. What could
 * not be judged is an error, not a skipped case: it is not a pass.
 */
export const renderJunit = (result: Result): string => {
  const { run } = result;
  const seconds = run.durationMs / 1_000;
  const suites = [
    ['run', [verdictCase(result)]],
    ['invariants', auditCases(result)],
    ['thresholds', thresholdCases(result)],
  ] as const;
  const all = suites.flatMap(([, cases]) => cases);
  const body = suites.map(([suite, cases]) => {
    const className = `${run.scenario}.${suite}`;
    return xml`  <testsuite name="${className}" timestamp="${run.startedAt.replace(/Z$/, '')}" ${attributes(cases, seconds)}>\n${cases.map((one) => renderCase(className, one))}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="trade-sim" ${attributes(all, seconds).text}>\n${xml`${body}`.text}</testsuites>\n`;
};

import { html as xml, type Markup, NOTHING } from './html/markup.ts';

/** What could not be judged (`unknown`) is an error, not a skipped case: it is not a pass. */
type Outcome = 'passed' | 'failed' | 'unknown';

export interface JunitCase {
  readonly name: string;
  readonly outcome: Outcome;
  readonly message: string;
  /** More about a failure, a line each. */
  readonly details: readonly string[];
}

const renderCase = (className: string, { name, outcome, message, details }: JunitCase): Markup => {
  const text = [message, ...details].join('\n');
  const problem =
    outcome === 'passed'
      ? NOTHING
      : outcome === 'failed'
        ? xml`<failure message="${message}">${text}</failure>`
        : xml`<error message="${message}">${text}</error>`;
  return xml`    <testcase classname="${className}" name="${name}" time="0">${problem}</testcase>\n`;
};

const attributes = (cases: readonly JunitCase[], seconds: number): Markup => {
  const number = (outcome: Outcome) => cases.filter((one) => one.outcome === outcome).length;
  return xml`tests="${cases.length}" failures="${number('failed')}" errors="${number('unknown')}" time="${seconds}"`;
};

/** JUnit XML, as CI servers read it. `startedAt` is in UTC; every suite is said to take `seconds`. */
export const renderSuites = (
  name: string,
  startedAt: string,
  seconds: number,
  suites: readonly (readonly [suite: string, cases: readonly JunitCase[]])[],
): string => {
  const all = suites.flatMap(([, cases]) => cases);
  const body = suites.map(([suite, cases]) => {
    const className = `${name}.${suite}`;
    return xml`  <testsuite name="${className}" timestamp="${startedAt.replace(/Z$/, '')}" ${attributes(cases, seconds)}>\n${cases.map((one) => renderCase(className, one))}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="trade-sim" ${attributes(all, seconds).text}>\n${xml`${body}`.text}</testsuites>\n`;
};

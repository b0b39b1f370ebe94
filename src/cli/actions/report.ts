import { readFileSync, statSync } from 'node:fs';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { differenceOf, type Difference } from '../../report/difference/build.ts';
import { DIFFERENCE_FORMS, renderDifference } from '../../report/difference/forms.ts';
import type { Comparison } from '../../report/comparison.ts';
import { COMPARISON_FORMS } from '../../report/comparison/forms.ts';
import { isComparison, loadComparison } from '../../report/comparison/load.ts';
import { renderComparison } from '../../report/comparison/terminal.ts';
import { type Form, FORMS } from '../../report/forms.ts';
import { loadResult } from '../../report/load-result.ts';
import { mergeResults } from '../../report/merge.ts';
import { renderTerminal } from '../../report/terminal.ts';
import { columnsOf, usesColor, type Io } from '../io.ts';
import { formFilesOf, reportFilesOf, writeReports } from '../report-files.ts';

export interface ReportOptions {
  readonly report?: readonly string[];
  readonly print?: Form | 'terminal';
  readonly compare?: true;
  readonly sort?: string;
}

/** Some fifty times what an hour's run takes. */
const MAX_BYTES = 64 * 2 ** 20;

const read = (file: string): string => {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 2 ** 20} MiB`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(
      `the result ${file} cannot be read: ${messageOf(error)}`,
      'Name a file that trade-sim run … --json FILE wrote.',
      error,
    );
  }
};

/** Prints the form that was asked for; by default the terminal's, unless files are written. */
const draw = <T>(
  io: Io,
  value: T,
  { print, report: given }: ReportOptions,
  forms: Readonly<Record<string, (value: T) => string>>,
  renderForTerminal: (value: T, screen: { readonly columns: number; readonly color: boolean }) => string,
): void => {
  const chosen = print ?? (given === undefined ? 'terminal' : undefined);
  if (chosen === undefined) return;
  const render = forms[chosen];
  io.stdout.write(
    render === undefined
      ? renderForTerminal(value, { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout) })
      : render(value),
  );
};

/** Draws saved results: merged into one, or two of them side by side. Whatever their verdict, it is a success. */
export const report = (io: Io, files: readonly string[], options: ReportOptions): void => {
  if (options.compare) {
    compareTwo(io, files, options);
    return;
  }
  const saved = files.map((file) => ({ file, text: read(file) }));
  const comparison = saved.find(({ text }) => isComparison(text));
  if (comparison !== undefined) {
    drawComparison(io, comparison, files.length, options);
    return;
  }
  const targets = reportFilesOf(options.report ?? []);
  const result = mergeResults(saved.map(({ file, text }) => loadResult(file, text)));
  draw(io, result, options, FORMS, renderTerminal);
  writeReports(targets, result);
};

const requireForm = (what: string, print: ReportOptions['print'], forms: object): void => {
  if (print !== undefined && print !== 'terminal' && !Object.hasOwn(forms, print))
    throw usageError(`${what} has no form "${print}"`, `It has terminal, ${Object.keys(forms).join(', ')}.`);
};

const drawComparison = (
  io: Io,
  { file, text }: { readonly file: string; readonly text: string },
  files: number,
  options: ReportOptions,
): void => {
  const { print, report: given = [], sort = 'orders' } = options;
  if (files > 1) throw usageError(`${file} is a comparison, which is drawn alone`, 'Name no other file.');
  requireForm('a comparison', print, COMPARISON_FORMS);
  const targets = formFilesOf<Comparison>(given, COMPARISON_FORMS);
  const comparison = loadComparison(file, text);
  draw(io, comparison, options, COMPARISON_FORMS, (value, screen) =>
    renderComparison(value, { ...screen, sort }),
  );
  writeReports(targets, comparison);
};

const compareTwo = (io: Io, files: readonly string[], options: ReportOptions): void => {
  const { print, report: given = [] } = options;
  const [a, b, ...others] = files;
  if (a === undefined || b === undefined || others.length > 0)
    throw usageError(
      `--compare takes two results, not ${files.length}`,
      'Several runs of one configuration become one result first: report … --print json.',
    );
  requireForm('--compare', print, DIFFERENCE_FORMS);
  const targets = formFilesOf<Difference>(given, DIFFERENCE_FORMS);
  const named = (file: string) => ({ name: file, result: loadResult(file, read(file)) });
  const difference = differenceOf(named(a), named(b));
  draw(io, difference, options, DIFFERENCE_FORMS, renderDifference);
  writeReports(targets, difference);
};

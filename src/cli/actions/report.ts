import { readFileSync, statSync } from 'node:fs';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { type Form, FORMS } from '../../report/forms.ts';
import { loadResult } from '../../report/load-result.ts';
import { mergeResults } from '../../report/merge.ts';
import { renderTerminal } from '../../report/terminal.ts';
import { columnsOf, usesColor, type Io } from '../io.ts';
import { reportFilesOf, writeReports } from '../report-files.ts';

export interface ReportOptions {
  readonly report?: readonly string[];
  readonly print?: Form | 'terminal';
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

/** Draws saved results, merged into one. Whatever their verdict, drawing them is a success. */
export const report = (io: Io, files: readonly string[], options: ReportOptions): void => {
  const targets = reportFilesOf(options.report ?? []);
  const result = mergeResults(files.map((file) => loadResult(file, read(file))));
  const print = options.print ?? (targets.length === 0 ? 'terminal' : undefined);
  if (print === 'terminal')
    io.stdout.write(
      renderTerminal(result, { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout) }),
    );
  else if (print !== undefined) io.stdout.write(FORMS[print](result));
  writeReports(targets, result);
};

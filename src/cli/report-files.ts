import { usageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { type Form, FORMS } from '../report/forms.ts';
import type { Result } from '../report/model.ts';
import { requireWritable, writeResult } from './result-file.ts';

/** A form of the report, and the file it goes into. */
export interface ReportFile {
  readonly form: Form;
  readonly file: string;
}

const isForm = (name: string): name is Form => Object.hasOwn(FORMS, name);

const parse = (text: string): ReportFile => {
  const at = text.indexOf('=');
  const form = at === -1 ? text : text.slice(0, at);
  if (!isForm(form))
    throw usageError(`there is no report form "${form}"`, didYouMean(form, Object.keys(FORMS)));
  const file = at === -1 ? '' : text.slice(at + 1);
  if (file === '') throw usageError(`--report ${form} names no file`, `Write --report ${form}=FILE.`);
  return { form, file };
};

/**
 * Reads what `--report` was given: `html=FILE,junit=FILE`. A comma belongs to a file's name unless a form follows.
 * Refuses what could not be written.
 */
export const reportFilesOf = (given: readonly string[]): ReportFile[] => {
  const files = given.flatMap((text) => text.split(/,(?=[a-z]*=)/)).map(parse);
  for (const [index, { file }] of files.entries()) {
    if (files.findIndex((other) => other.file === file) !== index)
      throw usageError(`two reports go into ${file}`, 'Name a file of its own for each.');
    requireWritable(file);
  }
  return files;
};

/** Writes each form, the others even when one cannot be written. */
export const writeReports = (files: readonly ReportFile[], result: Result): void => {
  const errors: unknown[] = [];
  for (const { form, file } of files) {
    try {
      writeResult(file, FORMS[form](result));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
};

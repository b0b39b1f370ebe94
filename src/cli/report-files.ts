import { usageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { FORMS } from '../report/forms.ts';
import type { Result } from '../report/model.ts';
import { requireWritable, writeResult } from './result-file.ts';

/** How something is written in each form, by the name users type. */
type Forms<T> = Readonly<Record<string, (value: T) => string>>;

/** A form of the report, and the file it goes into. */
export interface ReportFile<T = Result> {
  readonly render: (value: T) => string;
  readonly file: string;
}

const parse = <T>(text: string, forms: Forms<T>): ReportFile<T> => {
  const at = text.indexOf('=');
  const form = at === -1 ? text : text.slice(0, at);
  const render = Object.hasOwn(forms, form) ? forms[form] : undefined;
  if (render === undefined)
    throw usageError(`there is no report form "${form}"`, didYouMean(form, Object.keys(forms)));
  const file = at === -1 ? '' : text.slice(at + 1);
  if (file === '') throw usageError(`--report ${form} names no file`, `Write --report ${form}=FILE.`);
  return { render, file };
};

/**
 * Reads what `--report` was given: `html=FILE,junit=FILE`. A comma belongs to a file's name unless a form follows.
 * Refuses what could not be written.
 */
export const formFilesOf = <T>(given: readonly string[], forms: Forms<T>): ReportFile<T>[] => {
  const files = given.flatMap((text) => text.split(/,(?=[a-z]*=)/)).map((text) => parse(text, forms));
  for (const [index, { file }] of files.entries()) {
    if (files.findIndex((other) => other.file === file) !== index)
      throw usageError(`two reports go into ${file}`, 'Name a file of its own for each.');
    requireWritable(file);
  }
  return files;
};

/** The same for the forms of a run's result. */
export const reportFilesOf = (given: readonly string[]): ReportFile[] => formFilesOf(given, FORMS);

/** Writes each form, the others even when one cannot be written. */
export const writeReports = <T>(files: readonly ReportFile<T>[], value: T): void => {
  const errors: unknown[] = [];
  for (const { render, file } of files) {
    try {
      writeResult(file, render(value));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
};

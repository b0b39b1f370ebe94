import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { HISTORY_HEADER } from '../../report/gate/history.ts';
import { requireWritable } from '../result-file.ts';

/** Better told now than after the rounds. */
export const requireHistory = (file: string): void => {
  requireWritable(file);
  if (existsSync(file) && !isNew(file) && !readFileSync(file, 'utf8').startsWith(HISTORY_HEADER))
    throw usageError(
      `${file} is no history of trade-sim: it begins otherwise`,
      `A history begins with ${HISTORY_HEADER.trim()}`,
    );
};

const isNew = (file: string): boolean => !existsSync(file) || readFileSync(file, 'utf8') === '';

export const appendHistory = (file: string, line: string): void => {
  try {
    appendFileSync(file, isNew(file) ? HISTORY_HEADER + line : line);
  } catch (error) {
    throw usageError(
      `the history could not be written to ${file}: ${messageOf(error)}`,
      'Name another file.',
      error,
    );
  }
};

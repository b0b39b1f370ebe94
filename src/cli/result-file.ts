import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, usageError } from '../kernel/errors.ts';

/** Better told now than after the run. */
export const requireWritable = (file: string): void => {
  try {
    if (file === '') throw new Error('it has no name');
    if (existsSync(file)) {
      if (statSync(file).isDirectory()) throw new Error('it is a folder');
      accessSync(file, constants.W_OK);
      return;
    }
    const folder = dirname(resolve(file));
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw usageError(
      `the result cannot be written to ${file}: ${messageOf(error)}`,
      'Name another file.',
      error,
    );
  }
};

/** Writes a result that was printed before. */
export const writeResult = (file: string, text: string): void => {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw usageError(
      `the result could not be written to ${file}: ${messageOf(error)}`,
      'The report above is all there is of this run. Free some space, or name another place.',
      error,
    );
  }
};

import { readFileSync } from 'node:fs';
import { messageOf, usageError } from '../../kernel/errors.ts';
import { loadBaseline, type Baseline } from '../../report/gate/baseline.ts';

/** A few hundred times what one takes. */
const MAX_CHARACTERS = 2 ** 22;

export const readBaseline = (file: string): Baseline => {
  let text;
  try {
    text = readFileSync(file, 'utf8');
    if (text.length > MAX_CHARACTERS) throw new Error('it is too large');
  } catch (error) {
    throw usageError(
      `the baseline ${file} cannot be read: ${messageOf(error)}`,
      'Record one: trade-sim baseline record SCENARIO -o FILE.',
      error,
    );
  }
  return loadBaseline(file, text);
};

import { messageOf, usageError } from '../kernel/errors.ts';
import { withDecoded } from '../measure/histogram.ts';
import { type Result, resultSchema } from './model.ts';
import { seriesOf } from './steps.ts';
import { printable } from './text.ts';

const MAX_PROBLEMS = 3;

const parse = (name: string, text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError(
      `${name} is not JSON: ${printable(messageOf(error))}`,
      'Name a file that trade-sim run … --json FILE wrote.',
      error,
    );
  }
};

/** A histogram that cannot be read, or is not the one that its figures come from, is found before it is drawn. */
const checkHistograms = (name: string, result: Result): void => {
  for (const [metric, { count, hdr }] of Object.entries(seriesOf(result))) {
    if (count === 0) continue;
    let total;
    try {
      total = withDecoded(hdr, ({ totalCount }) => totalCount);
    } catch (error) {
      throw usageError(
        `${name}: the histogram of ${printable(metric)} cannot be read`,
        'The file is damaged.',
        error,
      );
    }
    if (total !== count)
      throw usageError(
        `${name}: the histogram of ${printable(metric)} has ${total} values, its count says ${count}`,
        'The file was changed by hand, or is damaged.',
      );
  }
};

/** Reads a saved result. Throws a usage error that says what is wrong with it; `name` is how the user calls it. */
export const loadResult = (name: string, text: string): Result => {
  const parsed = resultSchema.safeParse(parse(name, text));
  if (!parsed.success) {
    const problems = parsed.error.issues
      .slice(0, MAX_PROBLEMS)
      .map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`);
    throw usageError(
      `${name} is not a result of this version of trade-sim: ${printable(problems.join('; '))}`,
      'Only trade-sim.result/1 can be read: see docs/result.md. A newer trade-sim may have written it.',
    );
  }
  checkHistograms(name, parsed.data);
  return parsed.data;
};

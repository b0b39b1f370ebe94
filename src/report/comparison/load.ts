import { messageOf, usageError } from '../../kernel/errors.ts';
import { withDecoded } from '../../measure/histogram.ts';
import { comparisonSchema, type Comparison } from '../comparison.ts';
import { printable } from '../text.ts';

const MAX_PROBLEMS = 3;

/** Whether a saved file says that it is a comparison, of whatever version. */
export const isComparison = (text: string): boolean => /"schema":\s*"trade-sim\.comparison\//.test(text);

/** Reads a saved comparison. Throws a usage error that says what is wrong with it; `name` is how the user calls it. */
export const loadComparison = (name: string, text: string): Comparison => {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw usageError(`${name} is not JSON: ${printable(messageOf(error))}`, 'The file is damaged.', error);
  }
  const parsed = comparisonSchema.safeParse(data);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .slice(0, MAX_PROBLEMS)
      .map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`);
    throw usageError(
      `${name} is not a comparison of this version of trade-sim: ${printable(problems.join('; '))}`,
      'Only trade-sim.comparison/1 can be read: see docs/comparison.md. Another trade-sim may have written it.',
    );
  }
  for (const { label, orderLatency } of parsed.data.arms) checkHistogram(name, label, orderLatency);
  return parsed.data;
};

/** What cannot be drawn is found before anything is. */
const checkHistogram = (
  name: string,
  label: string,
  { count, hdr }: Comparison['arms'][number]['orderLatency'],
): void => {
  if (count === 0) return;
  try {
    if (withDecoded(hdr, ({ totalCount }) => totalCount) === count) return;
  } catch (error) {
    throw usageError(
      `${name}: the histogram of ${printable(label)} cannot be read`,
      'The file is damaged.',
      error,
    );
  }
  throw usageError(
    `${name}: the histogram of ${printable(label)} has not as many values as its count says`,
    'The file was changed by hand, or is damaged.',
  );
};

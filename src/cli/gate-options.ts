import { InvalidArgumentError, Option, type Command } from 'commander';
import { MAX_PAIRS } from '../measure/randomization.ts';

/** Fewer pairs than this cannot give a p that passes Holm's correction over four metrics: 1 / 2^7 < 0.05 / 4. */
export const LEAST_PAIRS = 7;

/** How many rounds are run. */
export const pairsOption = (flag: string, what: string, fallback: number): Option =>
  new Option(`--${flag} <count>`, what).argParser(wholeFrom(2)).default(fallback);

const wholeFrom =
  (least: number) =>
  (text: string): number => {
    const count = Number(text);
    if (!Number.isInteger(count) || count < least || count > MAX_PAIRS)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${MAX_PAIRS}.`);
    return count;
  };

/** A flag that may be given often; its texts in the order given. */
export const repeatable = (flags: string, what: string): Option =>
  new Option(flags, what).argParser((text: string, before: string[] | undefined) => [
    ...(before ?? []),
    text,
  ]);

export const addProgressOptions = (command: Command): Command =>
  command
    .option('--quiet', 'print nothing but the result')
    .option('--no-progress', 'no phases and figures while it runs, only a line for each round');

import { isDeepStrictEqual } from 'node:util';
import type { Space } from './space.ts';

/** What a strategy has to do to keep one of its port's promises; tests and `strategies check` hold it to the same. */
export interface Property<Strategy> {
  /** In words that make a sentence with the strategy. */
  readonly name: string;
  /** Why a strategy is not held to it: it does not promise so much. */
  readonly exempt?: (strategy: Strategy) => string | undefined;
  /** Nothing happens at once in it: one race is as good as many. */
  readonly sequential?: true;
  /** Rejects with `Broken` when the strategy has not kept it, and with `NotJudged` when nothing can be said. */
  readonly check: (strategy: Strategy, space: Space) => Promise<void>;
}

/** The evidence that a promise was not kept. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** Why nothing can be said. */
export class NotJudged extends Error {
  override readonly name = 'NotJudged';
}

export function holds(condition: unknown, evidence: string): asserts condition {
  if (!condition) throw new Broken(evidence);
}

/** `what`: the subject of the sentence that tells the difference. */
export const same = (actual: unknown, expected: unknown, what: string): void =>
  holds(isDeepStrictEqual(actual, expected), `${what}: ${shown(actual)} instead of ${shown(expected)}`);

const MAX_SHOWN_CHARACTERS = 200;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
};

/** Awaits what has to fail, and gives the error. */
export const failureOf = async (work: Promise<unknown>, what: string): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Broken(`${what} did not fail`);
};

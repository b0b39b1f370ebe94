import { usageError, type TradeSimError } from '../kernel/errors.ts';
import { withHint } from './wording.ts';

/** Reads a text from left to right; what it cannot read is pointed at. */
export class Scanner {
  readonly #source: string;
  #at = 0;
  /** Where the last part began, blanks before it left out. */
  #partAt = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Takes what `pattern` matches from here on, after blanks; an empty text when it does not match. */
  take(pattern: RegExp): string {
    this.#at += /^\s*/.exec(this.#source.slice(this.#at))![0].length;
    this.#partAt = this.#at;
    const part = new RegExp(`^(?:${pattern.source})`, 'u').exec(this.#source.slice(this.#at))?.[0] ?? '';
    this.#at += part.length;
    return part;
  }

  /** A usage error about the part that was taken last: its place, what is wrong, and an arrow below the text. */
  wrong(what: string, hint?: string): TradeSimError {
    const before = Array.from(this.#source.slice(0, this.#partAt)).length;
    const where = `at character ${before + 1}: ${withHint(what, hint)}`;
    const shown = this.#source.replaceAll(/\p{Cc}/gu, '�');
    return usageError(`${where}\n${shown}\n${' '.repeat(before)}^`);
  }
}

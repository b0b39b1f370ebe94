import { stripVTControlCharacters } from 'node:util';

/** Hides the password of every URL in `text`. Greedy up to the last `@`: a password may hold one unescaped. */
export const maskPasswords = (text: string): string =>
  text
    .replaceAll(/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"'<>]*:)[^\s"'<>]*@/giu, '$1***@')
    .replaceAll(/([?&]password=)[^&\s"'<>]+/giu, '$1***');

/** Control characters, surrogates, and those that nobody sees: they could rewrite a screen or turn the reading direction. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\uFFFE\uFFFF]/gu;

/** Text of several lines that came from outside, without passwords and characters that are not to be seen. */
export const printableLines = (text: string): string =>
  maskPasswords(stripVTControlCharacters(text)).replaceAll(UNPRINTABLE, (character) =>
    character === '\n' ? character : '',
  );

/**
 * Text that came from outside (a scenario's name, a service's message), fit for a terminal: on one line, without
 * control sequences and invisible characters that could rewrite the screen or turn the reading direction.
 */
export const printable = (text: string): string =>
  maskPasswords(stripVTControlCharacters(text)).replaceAll(/\s+/gu, ' ').replaceAll(UNPRINTABLE, '');

const MAX_REMARK_COLUMNS = 200;

/** A sentence that came from outside, fit for a terminal and not longer than a glance. */
export const remark = (text: string): string => truncate(printable(text), MAX_REMARK_COLUMNS);

const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;

const characterWidth = (character: string): number => {
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

/** Columns that `text` takes on a terminal; colours take none. */
export const displayWidth = (text: string): number => {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
};

/** Cuts uncoloured `text` to `columns`, with an ellipsis where something is missing. */
export const truncate = (text: string, columns: number): string => {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let width = 1;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
};

/** Breaks `text` at spaces into lines of at most `columns`; a word that is longer is cut. */
export const wrap = (text: string, columns: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= columns) {
      line = longer;
    } else {
      if (line !== '') lines.push(line);
      line = truncate(word, columns);
    }
  }
  return [...lines, line];
};

import { maskPasswords } from '../report/text.ts';

/** The command as it was typed, fit to be typed again; without passwords. */
export const commandLine = (argv: readonly string[]): string =>
  ['trade-sim', ...argv.map((word) => quoted(maskPasswords(withoutPassword(word))))].join(' ');

/** In a word of its own a password ends at the last `@`, whatever it is made of. */
const withoutPassword = (word: string): string => word.replace(/(:\/\/[^/:@]*:).*@/su, '$1***@');

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

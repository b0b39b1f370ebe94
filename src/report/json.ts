import { maskPasswords } from './text.ts';

/** A result, or what is made of results, as it is saved and piped: indented JSON and a final newline, without passwords. */
export const renderJson = (result: object): string =>
  `${JSON.stringify(result, (_, value: unknown) => (typeof value === 'string' ? maskPasswords(value) : value), 2)}\n`;

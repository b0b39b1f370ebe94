import type { Result } from './model.ts';
import { maskPasswords } from './text.ts';

/** The result as it is saved and piped: indented JSON and a final newline. */
export const renderJson = (result: Result): string =>
  `${JSON.stringify(result, (_, value: unknown) => (typeof value === 'string' ? maskPasswords(value) : value), 2)}\n`;

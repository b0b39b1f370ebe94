/** `what is wrong (what to do)` */
export const withHint = (what: string, hint: string | undefined): string =>
  hint === undefined ? what : `${what} (${hint})`;

const MAX_QUOTED_CHARACTERS = 60;

/** A value of the data, for a message. */
export const quote = (value: unknown): string => {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a block of fields';
  const text = typeof value === 'string' ? JSON.stringify(value) : `${value as number | boolean | undefined}`;
  return text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text;
};

/** `1 VU`, `2,000 VUs`. */
export const countOf = (amount: number, noun: string): string =>
  `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;

/** `2,000/s`. */
export const perSecond = (rate: number): string => `${rate.toLocaleString('en-US')}/s`;

/** A simple string, as OK: scripts see it as a table, clients as text. */
export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An error reply: its code and message. Thrown by a command, or a part of a reply of EXEC. */
export class CommandError extends Error {}

/** A reply inside the server. */
export type Reply = string | number | null | Status | CommandError | Reply[];

export const OK = new Status('OK');

export const wrongType = () =>
  new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
export const notAnInteger = () => new CommandError('ERR value is not an integer or out of range');
const notAFloat = () => new CommandError('ERR value is not a valid float');
export const syntaxError = (detail = '') => new CommandError(`ERR syntax error${detail}`);
export const wrongArity = (name: string) =>
  new CommandError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);

const MAX_INTEGER = 2n ** 63n - 1n;

const isLongInteger = (text: string): boolean => {
  if (!/^-?[1-9]\d{15,18}$/.test(text)) return false;
  const value = BigInt(text);
  return value >= -MAX_INTEGER - 1n && value <= MAX_INTEGER;
};

/**
 * Reads an integer as strictly as Redis does: no spaces, no plus sign, no leading zeros. Beyond 2^53 it is rounded,
 * up to the 2^63 that Redis goes to: commands that calculate refuse it.
 */
export const parseInteger = (text: string, invalid: () => CommandError = notAnInteger): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) ? String(value) !== text : !isLongInteger(text)) throw invalid();
  return value;
};

/** Reads what C's `strtod` reads of decimal numbers, and the infinities. */
export const parseFloating = (text: string, invalid: () => CommandError = notAFloat): number => {
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinity) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) throw invalid();
  return Number(text);
};

/** Writes a number as C's `%.<digits>g` does. */
export const formatGeneral = (value: number, digits: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = ''] = value.toExponential(digits - 1).split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < digits) {
    const fixed = value.toFixed(Math.max(0, digits - 1 - exponent));
    return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  }
  const sign = exponent < 0 ? '-' : '+';
  return `${mantissa.replace(/\.?0+$/, '')}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
};

/** A score as Redis writes it. */
export const formatScore = (score: number): string =>
  Number.isSafeInteger(score) ? String(score) : formatGeneral(score, 17);

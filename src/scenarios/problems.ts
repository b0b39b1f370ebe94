import { usageError, type TradeSimError } from '../kernel/errors.ts';

export type Path = readonly (string | number)[];

/** Something a scenario cannot be used with. */
export interface Problem {
  /** Where it is written: `scenarios.yml:12:5`, or the flag that set it. */
  readonly where: string;
  /** The field; empty when `where` names it already. */
  readonly path: Path;
  /** What is wrong, with what to do about it in brackets. */
  readonly what: string;
}

const formatPath = (path: Path): string =>
  path.reduce<string>(
    (text, segment) =>
      typeof segment === 'number' ? `${text}[${segment}]` : text === '' ? segment : `${text}.${segment}`,
    '',
  );

const MAX_LINE_CHARACTERS = 1_000;
const MAX_PROBLEMS = 50;

/** A file's own text is quoted: it may neither steer the terminal nor flood it. */
const printable = (line: string): string => {
  const clean = line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
  return clean.length > MAX_LINE_CHARACTERS ? `${clean.slice(0, MAX_LINE_CHARACTERS)}…` : clean;
};

/** Further lines of what is wrong show the text and point into it. */
const formatProblem = ({ where, path, what }: Problem): string => {
  const [first = '', ...excerpt] = what.split('\n');
  const place = path.length === 0 ? where : `${where} ${formatPath(path)}`;
  return [`${place}: ${first}`, ...excerpt.map((line) => `    ${line}`)].map(printable).join('\n');
};

/** One usage error that tells all problems, one a line. */
export const problemsError = (problems: readonly Problem[]): TradeSimError => {
  const lines = problems.slice(0, MAX_PROBLEMS).map(formatProblem);
  const more = problems.length - lines.length;
  return usageError([...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'));
};

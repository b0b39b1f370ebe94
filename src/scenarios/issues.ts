import { z } from 'zod';
import { didYouMean } from '../kernel/nearest.ts';
import type { Path } from './problems.ts';
import { quote, withHint } from './wording.ts';

/** What a schema found wrong at a path; an unknown field's own name ends its path. */
export interface Finding {
  readonly path: Path;
  readonly of: 'field' | 'value';
  readonly what: string;
}

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  array: 'a list',
  object: 'a block of fields',
  record: 'a block of fields',
  boolean: 'true or false',
};

const bound = (side: 'least' | 'most', limit: number | bigint, issue: { origin: string; input: unknown }) => {
  const atSide = `at ${side} ${limit.toLocaleString('en-US')}`;
  if (issue.origin === 'string') return `must have ${atSide} characters`;
  if (issue.origin === 'array') return `must have ${atSide} entries`;
  return `must be ${atSide}, not ${quote(issue.input)}`;
};

const unknownName = (name: unknown, known: readonly unknown[]): string => {
  const names = known.map(String);
  if (name === undefined) return `is missing (One of ${names.join(', ')}.)`;
  if (typeof name !== 'string') return `must be one of ${names.join(', ')}, not ${quote(name)}`;
  if (/\.[cm]?[jt]s$/.test(name))
    return withHint(`${quote(name)} is not known`, `A module of yours: ./${name}`);
  return withHint(`${quote(name)} is not known`, didYouMean(name, names));
};

/** Says in plain words what an issue is about; schemas may have words of their own, which come first. */
const word = (issue: RawIssue): string | undefined => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be ${KINDS[issue.expected] ?? issue.expected}, not ${quote(issue.input)}`;
    case 'invalid_value':
      return unknownName(issue.input, issue.values);
    case 'invalid_union': {
      const { discriminator, options, input } = issue;
      if (discriminator === undefined) return undefined;
      return unknownName(Reflect.get(Object(input), discriminator), Array.isArray(options) ? options : []);
    }
    case 'too_small':
      return bound('least', issue.minimum, issue);
    case 'too_big':
      return bound('most', issue.maximum, issue);
    case 'unrecognized_keys': {
      // One line for each of the keys: `findings` takes them apart again.
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      return issue.keys.map((key) => withHint('is not a known field', didYouMean(key, known))).join('\n');
    }
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
      break;
  }
  return undefined;
};

/** Of a union's branches the one that was meant: where it is wrong inside, or at least of the right type. */
const meantBranch = (branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  branches.find((issues) => issues.some(({ path }) => path.length > 0)) ??
  branches.find(([first]) => first !== undefined && first.code !== 'invalid_type');

const pathOf = (parent: Path, issue: Issue): Path => [
  ...parent,
  ...issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment))),
];

const findings = (issue: Issue, parent: Path): readonly Finding[] => {
  const path = pathOf(parent, issue);
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: [...path, key], of: 'field', what: lines[index] ?? '' }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, of: 'field', what: issue.issues[0]?.message ?? issue.message }];
  }
  const branch = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
  if (branch !== undefined) return branch.flatMap((inner) => findings(inner, path));
  return [{ path, of: 'value', what: issue.message }];
};

/** Checks data against a schema: its output, or everything that is wrong. */
export const check = <T>(
  schema: z.ZodType<T>,
  data: unknown,
):
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly findings: readonly Finding[] } => {
  const parsed = schema.safeParse(data, { error: word });
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, findings: parsed.error.issues.flatMap((issue) => findings(issue, [])) };
};

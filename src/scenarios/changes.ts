import { REGISTRY } from '../engine/registry.ts';
import { usageError } from '../kernel/errors.ts';
import { readDocument } from './document.ts';
import type { Path, Problem } from './problems.ts';

/** A field's new value, written in YAML, and who gives it: `--set`, a flag of its own, or a variable. */
export interface Override {
  readonly path: string;
  readonly value: string;
  readonly from: string;
  /** Where it is written, when that is a file. */
  readonly where?: string;
  /** The value is a text as it stands, and one more of a list. */
  readonly isFurther?: boolean;
}

/** An override as it is applied. */
export interface Change {
  readonly label: string;
  readonly path: readonly string[];
  readonly value: unknown;
  /** The value goes into the list at `path`, at this place. */
  readonly index?: number;
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (data: unknown): data is Fields =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** Fields that may be written as a mere name, and the field of the block that holds that name. */
const NAME_FIELDS: Readonly<Record<string, string>> = {
  journey: 'name',
  ...Object.fromEntries(Object.keys(REGISTRY).map((port) => [`engine.${port}`, 'name'])),
  'catalog.popularity': 'kind',
};

/** Reads `path=value` as given to `--set`. */
export const parseSetting = (text: string): Override => {
  const [path = '', ...value] = text.split('=');
  if (value.length === 0)
    throw usageError(`--set ${text} sets nothing`, 'Write --set path=value: --set load.rate=500/s.');
  return { path, value: value.join('='), from: '--set' };
};

/** Options that name the field they set; all others are flags of one field. */
const PATH_OPTIONS: readonly string[] = ['--set', '--vary', '--against'];

const labelOf = ({ path, value, from, where }: Override): string => {
  if (where !== undefined) return where;
  if (PATH_OPTIONS.includes(from)) return `${from} ${path}=${value}`;
  return from.startsWith('--') ? `${from} ${value}` : `${from}=${value}`;
};

const problemOf = (label: string, what: string): Problem => ({ where: label, path: [], what });

export const readChange = (override: Override): Change | Problem => {
  const label = labelOf(override);
  const path = override.path.split('.');
  if (path.includes('')) {
    return problemOf(
      label,
      `"${override.path}" is not a path (Join the names of fields by dots: load.rate.)`,
    );
  }
  if (override.isFurther === true) return { label, path, value: override.value, index: 0 };
  const { data: value, problems } = readDocument({ path: label, text: override.value });
  const [problem] = problems;
  return problem === undefined ? { label, path, value } : problemOf(label, problem.what);
};

/** The same changes; values that go into a list know their place behind those that `data` has there. */
export const inPlace = (changes: readonly Change[], data: Fields): Change[] => {
  const lengths = new Map<string, number>();
  return changes.map((change) => {
    if (change.index === undefined) return change;
    const list = change.path.join('.');
    const index = lengths.get(list) ?? lengthAt(change.path, data);
    lengths.set(list, index + 1);
    return { ...change, index };
  });
};

const lengthAt = (path: Path, data: unknown): number => {
  const list = path.reduce<unknown>((at, segment) => (isFields(at) ? at[segment] : undefined), data);
  return Array.isArray(list) ? list.length : 0;
};

/** The fields of what stands at `path` now; `undefined` when it can have none. */
const fieldsAt = (path: readonly string[], data: unknown): Fields | undefined => {
  if (data === undefined || data === null) return {};
  if (isFields(data)) return data;
  const nameField = NAME_FIELDS[path.join('.')];
  return typeof data === 'string' && nameField !== undefined ? { [nameField]: data } : undefined;
};

/** A copy of `data` with the change made; a change that cannot be made is a problem and leaves it as it is. */
export const applyChange = (data: Fields, change: Change, problems: Problem[]): Fields => {
  const { label, path, value, index } = change;
  const assign = (present: unknown, depth: number): unknown => {
    const segment = path[depth];
    if (segment === undefined) return index === undefined ? value : appended(present, value);
    const fields = fieldsAt(path.slice(0, depth), present);
    if (fields === undefined) {
      problems.push(problemOf(label, `${path.slice(0, depth).join('.')} has no fields of its own`));
      return present;
    }
    const next = Object.hasOwn(fields, segment) ? fields[segment] : undefined;
    return { ...fields, [segment]: assign(next, depth + 1) };
  };
  return assign(data, 0) as Fields;
};

/** What is no list stays as it is, and is found to be none. */
const appended = (present: unknown, value: unknown): unknown => {
  if (present === undefined) return [value];
  return Array.isArray(present) ? [...(present as unknown[]), value] : present;
};

export const startsWith = (path: Path, start: Path): boolean =>
  start.length <= path.length && start.every((segment, index) => path[index] === segment);

/** What the change sets: of a list, one place. */
export const setPathOf = ({ path, index }: Change): Path => (index === undefined ? path : [...path, index]);

/** The change that is to blame for what is found at `path`; `undefined`: the file is. */
export const blame = (
  path: Path,
  changes: readonly Change[],
  isInFile: (path: Path) => boolean,
): Change | undefined => {
  const setter = changes.findLast((change) => startsWith(path, setPathOf(change)));
  if (setter !== undefined) return setter;
  for (let depth = path.length; depth > 0; depth -= 1) {
    const around = path.slice(0, depth);
    if (isInFile(around)) return undefined;
    const maker = changes.findLast((change) => startsWith(change.path, around));
    if (maker !== undefined) return maker;
  }
  return undefined;
};

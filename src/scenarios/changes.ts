import { REGISTRY } from '../engine/registry.ts';
import { usageError } from '../kernel/errors.ts';
import { readDocument } from './document.ts';
import type { Path, Problem } from './problems.ts';

/** A field's new value, written in YAML, and who gives it: `--set`, a flag of its own, or a variable. */
export interface Override {
  readonly path: string;
  readonly value: string;
  readonly from: string;
}

/** An override as it is applied. */
export interface Change {
  readonly label: string;
  readonly path: readonly string[];
  readonly value: unknown;
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
const PATH_OPTIONS: readonly string[] = ['--set', '--vary'];

const labelOf = ({ path, value, from }: Override): string => {
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
  const { data: value, problems } = readDocument({ path: label, text: override.value });
  const [problem] = problems;
  return problem === undefined ? { label, path, value } : problemOf(label, problem.what);
};

/** The fields of what stands at `path` now; `undefined` when it can have none. */
const fieldsAt = (path: readonly string[], data: unknown): Fields | undefined => {
  if (data === undefined || data === null) return {};
  if (isFields(data)) return data;
  const nameField = NAME_FIELDS[path.join('.')];
  return typeof data === 'string' && nameField !== undefined ? { [nameField]: data } : undefined;
};

/** A copy of `data` with the change made; a change that cannot be made is a problem and leaves it as it is. */
export const applyChange = (data: Fields, { label, path, value }: Change, problems: Problem[]): Fields => {
  const assign = (present: unknown, depth: number): unknown => {
    const segment = path[depth];
    if (segment === undefined) return value;
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

export const startsWith = (path: Path, start: Path): boolean =>
  start.length <= path.length && start.every((segment, index) => path[index] === segment);

/** The change that is to blame for what is found at `path`; `undefined`: the file is. */
export const blame = (
  path: Path,
  changes: readonly Change[],
  isInFile: (path: Path) => boolean,
): Change | undefined => {
  const setter = changes.findLast((change) => startsWith(path, change.path));
  if (setter !== undefined) return setter;
  for (let depth = path.length; depth > 0; depth -= 1) {
    const around = path.slice(0, depth);
    if (isInFile(around)) return undefined;
    const maker = changes.findLast((change) => startsWith(change.path, around));
    if (maker !== undefined) return maker;
  }
  return undefined;
};

import { isAbsolute, join } from 'node:path';
import { isFields } from '../changes.ts';

/** What `change` makes of the block of fields at `path` of some data; other data stays as it is. */
const changeAt = (
  data: unknown,
  [field, ...path]: readonly string[],
  change: (data: unknown) => unknown,
): unknown => {
  if (field === undefined) return change(data);
  if (!isFields(data)) return data;
  const names = field === '*' ? Object.keys(data) : [field].filter((name) => Object.hasOwn(data, name));
  return {
    ...data,
    ...Object.fromEntries(names.map((name) => [name, changeAt(data[name], path, change)])),
  };
};

/** A scenarios file's data with the paths of its feeders, which are relative to its folder, from where we are. */
export const withFeederPaths = (contents: unknown, folder: string): unknown => {
  const fromHere = (path: unknown) =>
    typeof path === 'string' && path !== '' && !isAbsolute(path) ? join(folder, path) : path;
  return ['csv', 'jsonl'].reduce(
    (data, kind) => changeAt(data, ['scenarios', '*', 'feeders', '*', kind], fromHere),
    contents,
  );
};

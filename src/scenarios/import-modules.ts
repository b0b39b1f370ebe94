import { fileURLToPath } from 'node:url';
import { importedModule, rememberModule, type OwnModule } from '../engine/own-strategies.ts';
import { wallClock, withDeadline } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { adapted } from './adapt-module.ts';
import { check } from './issues.ts';
import { moduleShape } from './module-shape.ts';
import type { Scenario } from './schema.ts';
import { withHint } from './wording.ts';

/** A module that waits for something at its top level is not waited for without end. */
const IMPORT_LIMIT_MS = 10_000;

/** Imports modules with strategies of the user's, by their absolute URLs. What is wrong with one is remembered too. */
export const importModules = async (urls: readonly string[]): Promise<void> => {
  for (const url of urls) if (importedModule(url) === undefined) rememberModule(url, await importOwn(url));
};

/** Those that a scenario has chosen: a thread that gets a scenario from another has to import them itself. */
export const importChosen = ({ lock, stock, cache, queue }: Scenario['engine']): Promise<void> =>
  importModules([lock, stock, cache, queue].flatMap(({ module }) => module ?? []));

const importOwn = async (url: string): Promise<OwnModule> => {
  let exported: unknown;
  try {
    const loading = import(url) as Promise<{ readonly default?: unknown }>;
    const late = () => new Error(`it was not there after ${IMPORT_LIMIT_MS / 1_000} s`);
    exported = (await withDeadline(wallClock, loading, IMPORT_LIMIT_MS, late)).default;
  } catch (error) {
    return unusable([withHint(`cannot be imported: ${importFailure(error, url)}`, hintFor(error))]);
  }
  if (typeof exported !== 'object' || exported === null)
    return unusable([
      withHint('has no strategy as its default export', 'Write export default { port: "lock", name: … }.'),
    ]);
  const checked = check(moduleShape, exported);
  if (checked.ok) return adapted(checked.value, exported);
  return unusable(checked.findings.map(({ path, what }) => `its ${path.map(String).join('.')} ${what}`));
};

const unusable = (problems: readonly string[]): OwnModule => ({ kind: 'unusable', problems });

const importFailure = (error: unknown, url: string): string =>
  codeOf(error) === 'ERR_MODULE_NOT_FOUND' && messageOf(error).includes(`'${fileURLToPath(url)}'`)
    ? 'there is no such file'
    : messageOf(error);

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

const hintFor = (error: unknown): string | undefined => {
  if (codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION') return 'Build it to JavaScript first.';
  return error instanceof SyntaxError ? 'node --check shows the place.' : undefined;
};

import { usageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import {
  applyChange,
  blame,
  inPlace,
  isFields,
  readChange,
  setPathOf,
  startsWith,
  type Change,
  type Fields,
  type Override,
} from './changes.ts';
import type { SourceDocument, SourceFile } from './document.ts';
import { chooseExecutor } from './executor-choice.ts';
import { importModules } from './import-modules.ts';
import type { Finding } from './issues.ts';
import { dataOf, importAllStrategies, placeInFile, readScenariosDocument, validate } from './load-file.ts';
import { modulesIn, withModuleUrls } from './module-paths.ts';
import type { Path, Problem } from './problems.ts';
import { scenariosFile, type Scenario } from './schema.ts';

const samePath = (a: Path, b: Path): boolean => a.length === b.length && startsWith(a, b);

const placeIn =
  (document: SourceDocument, root: Path, changes: readonly Change[]) =>
  (finding: Finding): Problem => {
    const path = finding.path.slice(root.length);
    const change = startsWith(finding.path, root)
      ? blame(path, changes, (inner) => document.has([...root, ...inner]))
      : undefined;
    if (change === undefined) return placeInFile(document, finding);
    return { where: change.label, path: samePath(path, setPathOf(change)) ? [] : path, what: finding.what };
  };

/** A scenario's data after all changes, not validated yet. */
interface Changed {
  readonly document: SourceDocument;
  readonly contents: Fields;
  readonly scenario: unknown;
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
}

const scenariosIn = (data: unknown): Fields => {
  const contents = isFields(data) ? data : {};
  return isFields(contents['scenarios']) ? contents['scenarios'] : {};
};

const changedScenario = (file: SourceFile, name: string, overrides: readonly Override[]): Changed => {
  const document = readScenariosDocument(file);
  const data = dataOf(file, document);
  if (!Object.hasOwn(scenariosIn(data), name)) {
    // A file that is wrong as a whole is the better answer than a name that is not in it.
    const { scenarios: known } = validate(scenariosFile, data, document.problems, (finding) =>
      placeInFile(document, finding),
    );
    throw usageError(`there is no scenario "${name}" in ${file.path}`, didYouMean(name, Object.keys(known)));
  }

  const at = (path: Path): Path => ['scenarios', name, ...path];
  const problems = [...document.problems];
  const changes: Change[] = [];
  for (const read of overrides.map(readChange)) {
    if ('where' in read) problems.push(read);
    else changes.push({ ...read, value: withModuleUrls(at(read.path), read.value, process.cwd()) });
  }
  const written = scenariosIn(data)[name];
  const placed = inPlace(changes, isFields(written) ? written : {});
  const scenario = isFields(written)
    ? chooseExecutor(
        written,
        placed.reduce((data, step) => applyChange(data, step, problems), written),
        placed,
      )
    : written;
  return { document, contents: isFields(data) ? data : {}, scenario, changes: placed, problems };
};

/**
 * One scenario of a file with some of its fields set anew. Changes are made to the data as written, before it is
 * validated, so that a wrong flag reads like a wrong line. Throws one usage error that tells every problem.
 */
export const resolveScenario = (file: SourceFile, name: string, overrides: readonly Override[]): Scenario => {
  const { document, contents, scenario, changes, problems } = changedScenario(file, name, overrides);
  const valid = validate(
    scenariosFile,
    { ...contents, scenarios: { [name]: scenario } },
    problems,
    placeIn(document, ['scenarios', name], changes),
  );
  return valid.scenarios[name]!;
};

/** Imports the strategies of the user's that the scenario names: to be done before it is resolved. */
export const importStrategiesOf = async (
  file: SourceFile,
  name: string,
  overrides: readonly Override[],
): Promise<void> => {
  if (!Object.hasOwn(scenariosIn(readScenariosDocument(file).data), name)) return importAllStrategies(file);
  return importModules(modulesIn(['scenarios', name], changedScenario(file, name, overrides).scenario));
};

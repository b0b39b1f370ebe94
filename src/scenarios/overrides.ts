import { usageError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import {
  applyChange,
  blame,
  isFields,
  readChange,
  startsWith,
  type Change,
  type Fields,
  type Override,
} from './changes.ts';
import type { SourceDocument, SourceFile } from './document.ts';
import { chooseExecutor } from './executor-choice.ts';
import type { Finding } from './issues.ts';
import { placeInFile, readScenariosDocument, validate } from './load-file.ts';
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
    return { where: change.label, path: samePath(path, change.path) ? [] : path, what: finding.what };
  };

/**
 * One scenario of a file with some of its fields set anew. Changes are made to the data as written, before it is
 * validated, so that a wrong flag reads like a wrong line. Throws one usage error that tells every problem.
 */
export const resolveScenario = (file: SourceFile, name: string, overrides: readonly Override[]): Scenario => {
  const document = readScenariosDocument(file);
  const contents = isFields(document.data) ? document.data : {};
  const scenarios = isFields(contents['scenarios']) ? contents['scenarios'] : {};
  if (!Object.hasOwn(scenarios, name)) {
    // A file that is wrong as a whole is the better answer than a name that is not in it.
    const { scenarios: known } = validate(scenariosFile, document.data, document.problems, (finding) =>
      placeInFile(document, finding),
    );
    throw usageError(`there is no scenario "${name}" in ${file.path}`, didYouMean(name, Object.keys(known)));
  }

  const problems = [...document.problems];
  const changes: Change[] = [];
  for (const read of overrides.map(readChange)) {
    if ('where' in read) problems.push(read);
    else changes.push(read);
  }
  const written = scenarios[name];
  const change = (scenario: Fields) =>
    chooseExecutor(
      scenario,
      changes.reduce((data, step) => applyChange(data, step, problems), scenario),
      changes,
    );
  const root = ['scenarios', name];
  const valid = validate(
    scenariosFile,
    { ...contents, scenarios: { [name]: isFields(written) ? change(written) : written } },
    problems,
    placeIn(document, root, changes),
  );
  return valid.scenarios[name]!;
};

import { dirname } from 'node:path';
import type { z } from 'zod';
import { readDocument, type SourceDocument, type SourceFile } from './document.ts';
import { withFeederPaths } from './feeders/paths.ts';
import { importModules } from './import-modules.ts';
import { check, type Finding } from './issues.ts';
import { folderOf, modulesIn, withModuleUrls } from './module-paths.ts';
import { problemsError, type Problem } from './problems.ts';
import { scenariosFile, type ScenariosFile } from './schema.ts';

/** Reads a scenarios file as far as YAML goes. Throws the usage error of a text that is not YAML, or empty. */
export const readScenariosDocument = (file: SourceFile): SourceDocument => {
  const document = readDocument(file);
  if (document.data === undefined) throw problemsError(document.problems);
  if (document.data === null) {
    const what = 'the file is empty (Begin with "scenarios:" and name a scenario under it.)';
    throw problemsError([{ where: file.path, path: [], what }]);
  }
  return document;
};

/**
 * Validates a file's data, as it was written or as it was changed since. Throws one usage error that tells every
 * problem, one a line; `place` says where each of them was written.
 */
export const validate = <T>(
  schema: z.ZodType<T>,
  data: unknown,
  known: readonly Problem[],
  place: (finding: Finding) => Problem,
): T => {
  const result = check(schema, data);
  const problems = [...known, ...(result.ok ? [] : result.findings.map(place))];
  if (!result.ok || problems.length > 0) throw problemsError(problems);
  return result.value;
};

/** Where a finding is written in the file. */
export const placeInFile = (document: SourceDocument, { path, of, what }: Finding): Problem => ({
  where: document.locate(path, of),
  path,
  what,
});

const loadBy = <T>(schema: z.ZodType<T>, file: SourceFile): T => {
  const document = readScenariosDocument(file);
  return validate(schema, dataOf(file, document), document.problems, (finding) =>
    placeInFile(document, finding),
  );
};

/** A file's data, in which the paths of modules and feeders, relative to the file, are found from anywhere. */
export const dataOf = (file: SourceFile, { data }: SourceDocument): unknown =>
  withFeederPaths(withModuleUrls([], data, folderOf(file.path)), dirname(file.path));

/** Imports the strategies of the user's that any scenario of a file names: to be done before it is loaded. */
export const importAllStrategies = (file: SourceFile): Promise<void> =>
  importModules(modulesIn([], dataOf(file, readScenariosDocument(file))));

/** Reads and validates a whole scenarios file. Throws one usage error that tells every problem. */
export const loadScenarios = (path: string, text: string): ScenariosFile =>
  loadBy(scenariosFile, { path, text });

const servicesOnly = scenariosFile.pick({ services: true }).loose();

/** The servers a file names, whatever its scenarios are like. */
export const loadServices = (path: string, text: string): ScenariosFile['services'] =>
  loadBy(servicesOnly, { path, text }).services;

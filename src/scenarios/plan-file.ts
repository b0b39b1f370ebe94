import { z } from 'zod';
import { didYouMean } from '../kernel/nearest.ts';
import { readDocument, type SourceDocument, type SourceFile } from './document.ts';
import type { Override } from './changes.ts';
import { placeInFile, validate } from './load-file.ts';
import { folderOf, withModuleUrls } from './module-paths.ts';
import { problemsError, type Path, type Problem } from './problems.ts';
import { SCENARIO_FIELDS } from './schema.ts';
import { withHint } from './wording.ts';

const MAX_COMBINATIONS = 100;

const planFile = z.strictObject({
  combinations: z
    .record(
      z.string().regex(/^\S(?:.{0,58}\S)?$/u, 'must have 1 to 60 characters on one line'),
      z.record(z.string(), z.unknown()),
    )
    .refine((byName) => Object.keys(byName).length > 0, 'holds no combination (Name one under it.)')
    .refine(
      (byName) => Object.keys(byName).length <= MAX_COMBINATIONS,
      `holds too many combinations (${MAX_COMBINATIONS} at most.)`,
    ),
});

/** A combination of settings that a plan lists under a name. */
export interface PlannedCombination {
  readonly name: string;
  readonly overrides: readonly Override[];
  /** The values as people write them, by path. */
  readonly shown: Readonly<Record<string, string>>;
}

export interface Plan {
  readonly combinations: readonly PlannedCombination[];
  /** Settings that name no field; they are left out of the combinations. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a plan: combinations by name, each with its settings. A setting is one of `flags`, which have the path of
 * their field, or a path. Throws one usage error that tells every problem of a text that is no plan.
 */
export const readPlan = (file: SourceFile, flags: Readonly<Record<string, string>>): Plan => {
  const document = readDocument(file);
  if (document.data === undefined) throw problemsError(document.problems);
  const { combinations } = validate(planFile, document.data ?? {}, document.problems, (finding) =>
    placeInFile(document, finding),
  );
  const problems: Problem[] = [];
  return {
    combinations: Object.entries(combinations).map(([name, settings]) =>
      combinationOf(name, settings, { file, document, flags, problems }),
    ),
    problems,
  };
};

interface Reading {
  readonly file: SourceFile;
  readonly document: SourceDocument;
  readonly flags: Readonly<Record<string, string>>;
  readonly problems: Problem[];
}

const combinationOf = (
  name: string,
  settings: Readonly<Record<string, unknown>>,
  { file, document, flags, problems }: Reading,
): PlannedCombination => {
  const overrides: Override[] = [];
  const shown: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    const at: Path = ['combinations', name, key];
    const path = flags[key] ?? key;
    const what = problemOf(key, path, value, flags, shown);
    if (what !== undefined) {
      problems.push({ where: document.locate(at, 'field'), path: [name, key], what });
      continue;
    }
    const found = withModuleUrls(['scenarios', '', ...path.split('.')], value, folderOf(file.path));
    overrides.push({
      path,
      value: JSON.stringify(found),
      from: '--plan',
      where: document.locate(at, 'value'),
    });
    shown[path] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return { name, overrides, shown };
};

const problemOf = (
  key: string,
  path: string,
  value: unknown,
  flags: Readonly<Record<string, string>>,
  shown: Readonly<Record<string, string>>,
): string | undefined => {
  const known = [...Object.keys(flags), ...SCENARIO_FIELDS];
  if (!known.includes(key.split('.')[0]!)) return withHint('is not a known setting', didYouMean(key, known));
  if (Object.hasOwn(shown, path)) return `sets ${path} a second time (Keep one of them.)`;
  return value === null ? 'is empty (Give it a value.)' : undefined;
};

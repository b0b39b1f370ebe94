import { posix } from 'node:path';

/** A file of the project by its path from the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Imports may point only to a layer further down this list, or stay within their own. */
const LAYERS = [
  'cli',
  'run',
  'report',
  'audit',
  'services',
  'contract',
  'load',
  'measure',
  'scenarios',
  'engine',
  'backends',
  'kernel',
] as const;

export const MAX_LINES = 400;

/** The project's own files that `file` names as modules or by URL, by path; for types alone too. */
export const importsOf = ({ path, text }: SourceFile): string[] => {
  const specifiers = text.matchAll(/(?:\bfrom|\bimport\(?|\bnew URL\()\s*'(\.[^']+)'/g);
  return Array.from(specifiers, ([, specifier]) => posix.join(posix.dirname(path), specifier!));
};

const layerOf = (path: string): number => {
  const [root, layer] = path.split('/');
  return root === 'src' ? LAYERS.findIndex((name) => name === layer) : -1;
};

export const strayFiles = (files: readonly SourceFile[]): string[] =>
  files.map(({ path }) => path).filter((path) => layerOf(path) === -1);

export const upwardImports = (files: readonly SourceFile[]): string[] =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => imported.endsWith('.ts') && layerOf(imported) < layerOf(file.path))
      .map((imported) => `${file.path} imports ${imported}`),
  );

/** Types and workers are left out: neither is loaded with the file that names it. */
const loadsOf = ({ path, text }: SourceFile): string[] =>
  importsOf({ path, text: text.replaceAll(/^(?:im|ex)port type [^;]*;|\bnew URL\([^)]*\)/gm, '') });

/** Circles in which files load each other, as the paths on the way round. */
export const importCircles = (files: readonly SourceFile[]): string[] => {
  const imports = new Map(files.map((file) => [file.path, loadsOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start !== -1) circles.push([...trail.slice(start), path].join(' > '));
    if (start !== -1 || done.has(path)) return;
    for (const imported of imports.get(path) ?? []) visit(imported, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return circles;
};

export const longFiles = (files: readonly SourceFile[]): string[] =>
  files
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines`);

const findings = (files: readonly SourceFile[], pattern: RegExp): string[] =>
  files.flatMap(({ path, text }) =>
    Array.from(text.matchAll(pattern), ([found]) => `${path}: ${found.trim()}`),
  );

/** Tests that are switched off, or that switch the others off. */
export const switchedTests = (files: readonly SourceFile[]): string[] =>
  findings(
    files,
    /\b(?:describe|it|suite|test)(?:\.\w+)*\.(?:only|skip|todo|fails)\b|\b[fx](?:describe|it)\(/g,
  );

/** What only exists on the machine where it was written: home and work folders, a package registry's host. */
export const machineTraces = (files: readonly SourceFile[]): string[] =>
  findings(
    files,
    /(?:^|[\s'"`(=:])\/(?:home|root|Users|work)\/\w[\w./-]*|\bregistry\.[a-z0-9-]+\.[a-z]{2,}\b/gim,
  );

/** Relative links of Markdown files that lead nowhere. `paths`: every file there is. */
export const brokenLinks = (files: readonly SourceFile[], paths: ReadonlySet<string>): string[] =>
  files.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)(?:#[^)]*)?\)/g), ([, link]) => ({
      link: link!,
      target: posix.join(posix.dirname(path), link!),
    }))
      .filter(
        ({ target }) => !paths.has(target) && ![...paths].some((known) => known.startsWith(`${target}/`)),
      )
      .map(({ link }) => `${path}: ${link}`),
  );
